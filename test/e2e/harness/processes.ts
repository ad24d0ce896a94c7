import { readdirSync, readFileSync } from 'node:fs';

export interface RunningProgram {
  readonly pid: number;
  readonly argv: readonly string[];
}

const argvOf = (pid: string): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    // It ended while we looked.
    return [];
  }
};

/**
 * The programs of this machine (Linux) that were started with this word somewhere in their arguments;
 * `program` is how the program's own path ends.
 */
export const processesNaming = (word: string, program?: string): readonly RunningProgram[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), argv: argvOf(name) }))
    .filter(({ argv }) => argv.some((argument) => argument.includes(word)))
    .filter(({ argv }) => program === undefined || argv[0]?.endsWith(program) === true);
