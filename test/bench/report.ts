import { chatTables, type ChatFigures } from './chat/report.ts';
import type { Machine } from './machine.ts';
import type { Measured } from './measurement.ts';
import type { RebuildRates } from './rebuild-rates.ts';
import { ms, rate, table, times } from './tables.ts';

export interface LatencyRow {
  readonly name: string;
  readonly floor: Measured;
  readonly measured: readonly Measured[];
}

export interface ThroughputRow extends LatencyRow {
  readonly inFlight: number;
}

/** On a log of so many events, when every view was built and nothing else was done. */
export interface StartUp {
  readonly events: number;
  readonly readyMs: number;
  readonly logMb: number;
  readonly viewsMb: number;
  readonly memoryMb: number;
}

export interface Report {
  readonly machine: Machine;
  readonly startUps: readonly StartUp[];
  readonly latencies: readonly LatencyRow[];
  readonly throughputs: readonly ThroughputRow[];
  readonly rebuilds: readonly RebuildRates[];
  readonly chat: ChatFigures;
  readonly tookS: number;
}

const size = (events: number | undefined): string => (events ?? 0).toLocaleString('en');

/** How the cost of the smallest log compares; the smallest comes first. */
const growth = (measured: readonly Measured[], index: number, of: (measured: Measured) => number): string => {
  const [first, here] = [measured[0], measured[index]];
  return first === undefined || here === undefined ? '' : times(of(here), of(first));
};

const latencyTable = (rows: readonly LatencyRow[]): string =>
  table(
    ['', 'log', 'floor p50', 'p50', 'ratio', 'floor p99', 'p99', 'ratio', 'p50 to smallest log'],
    rows.flatMap(({ name, floor, measured }) =>
      measured.map(({ events, latencyMs: { p50, p99 } }, index) => [
        index === 0 ? name : '',
        size(events),
        ms(floor.latencyMs.p50),
        ms(p50),
        times(p50, floor.latencyMs.p50),
        ms(floor.latencyMs.p99),
        ms(p99),
        times(p99, floor.latencyMs.p99),
        growth(measured, index, (of) => of.latencyMs.p50),
      ]),
    ),
  );

const throughputTable = (rows: readonly ThroughputRow[]): string =>
  table(
    ['life cycles', 'log', 'floor /s', '/s', 'floor to it', 'p50', 'p99', 'cost to smallest log'],
    rows.flatMap(({ inFlight, floor, measured }) =>
      measured.map(({ events, perSecond, latencyMs: { p50, p99 } }, index) => [
        index === 0 ? `${inFlight} in flight` : '',
        size(events),
        rate(floor.perSecond),
        rate(perSecond),
        times(floor.perSecond, perSecond),
        ms(p50),
        ms(p99),
        growth(measured, index, (of) => 1 / of.perSecond),
      ]),
    ),
  );

const rebuildTable = (rows: readonly RebuildRates[]): string =>
  table(
    ['log', 'floor: rows read and parsed /s', 'replay /s', 'floor to it', 'audit rebuild /s', 'floor to it'],
    rows.map(({ events, floor, replay, rebuild }) => [
      size(events),
      rate(floor),
      rate(replay),
      times(floor, replay),
      rate(rebuild),
      times(floor, rebuild),
    ]),
  );

const startUpTable = (startUps: readonly StartUp[]): string =>
  table(
    ['start without views', 'ready', 'log', 'views', 'memory'],
    startUps.map(({ events, readyMs, logMb, viewsMb, memoryMb }) => [
      size(events),
      `${rate(readyMs)} ms`,
      ...[logMb, viewsMb, memoryMb].map((megabytes) => `${megabytes.toFixed(1)} MB`),
    ]),
  );

export const machineLine = (machine: Machine): string =>
  `${machine.cores} cores (${machine.processor}), ${machine.memoryGb} GB, Linux ${machine.kernel}, ` +
  `Node ${machine.node}, ${machine.nats}, fdatasync p50 ${machine.fdatasyncMs.toFixed(3)} ms, ` +
  `load before the run ${machine.loadBefore.toFixed(2)}`;

export const renderReport = ({ machine, startUps, ...report }: Report): string =>
  [
    machineLine(machine),
    report.latencies.length > 0 ? latencyTable(report.latencies) : '',
    report.throughputs.length > 0 ? throughputTable(report.throughputs) : '',
    report.rebuilds.length > 0 ? rebuildTable(report.rebuilds) : '',
    startUps.length > 0 ? startUpTable(startUps) : '',
    ...chatTables(report.chat),
    `Took ${Math.round(report.tookS)} s.`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
