import { readdirSync, readFileSync } from 'node:fs';

// What Linux says of processes.

/** A process of what is measured; those of one name are told together. */
export interface Part {
  readonly name: string;
  readonly pid: number;
}

export type ByPart = Readonly<Record<string, number>>;

/** USER_HZ: the same on every architecture that Node runs on. */
const TICK_MS = 10;

/** Fields of /proc/<pid>/stat from the third on: the second, the program's name, may hold anything. */
const statOf = (pid: number): readonly string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};
const [PARENT, USER, SYSTEM] = [1, 11, 12];

/** Processor time of all its threads so far, in user space and in the kernel. */
const cpuMs = (pid: number): number => {
  const stat = statOf(pid);
  return (Number(stat[USER]) + Number(stat[SYSTEM])) * TICK_MS;
};

const residentMb = (pid: number): number => {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
};

const sumByPart = (parts: readonly Part[], of: (pid: number) => number): ByPart => {
  const sums = new Map<string, number>();
  for (const { name, pid } of parts) sums.set(name, (sums.get(name) ?? 0) + of(pid));
  return Object.fromEntries(sums);
};

export const cpuByPart = (parts: readonly Part[]): ByPart => sumByPart(parts, cpuMs);
export const memoryByPart = (parts: readonly Part[]): ByPart => sumByPart(parts, residentMb);

export const mapParts = (values: ByPart, change: (value: number, name: string) => number): ByPart =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));

export const sumOfParts = (values: ByPart): number =>
  Object.values(values).reduce((sum, value) => sum + value, 0);

const parentOf = (pid: number): number | undefined => {
  try {
    return Number(statOf(pid)[PARENT]);
  } catch {
    // It ended while we looked.
    return undefined;
  }
};

/** What runs because this program runs: what it started, and what that started. */
export const descendantsOf = (ancestor: number): readonly number[] => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const children = Map.groupBy(pids.map(Number), parentOf);
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(ancestor);
};
