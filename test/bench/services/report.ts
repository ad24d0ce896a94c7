import type { Machine } from '../machine.ts';
import type { Measured } from '../measurement.ts';
import { sumOfParts, type ByPart } from '../process-usage.ts';
import { machineLine } from '../report.ts';
import { ms, rate, table, times } from '../tables.ts';

/** The same work on each topology, in their order. */
export interface Row {
  readonly name: string;
  readonly measured: readonly Measured[];
}

export interface AtRest {
  /** Of one core. */
  readonly cpuShare: ByPart;
  readonly memoryMb: ByPart;
}

export interface Report {
  readonly machine: Machine;
  /** The first is what the others are compared with. */
  readonly topologies: readonly string[];
  readonly steps: readonly Row[];
  readonly lifeCycles: readonly Row[];
  readonly atRest: readonly AtRest[];
  readonly tookS: number;
}

const PARTS = [
  ['all-in-one', 'intake', 'policy', 'notification', 'credentials', 'audit'],
  ['event-store', 'nats', 'proxy'],
].flat();

type Figures = Pick<Report, 'topologies'>;

const toFirst = (row: Row, index: number, of: (measured: Measured) => number): string => {
  const [first, here] = [row.measured[0], row.measured[index]];
  return first === undefined || here === undefined ? '' : times(of(here), of(first));
};

const stepTable = ({ topologies }: Figures, rows: readonly Row[]): string =>
  table(
    ['', 'on', 'p50', 'p99', 'p50 to the first'],
    rows.flatMap((row) =>
      row.measured.map(({ latencyMs: { p50, p99 } }, index) => [
        index === 0 ? row.name : '',
        topologies[index] ?? '',
        ms(p50),
        ms(p99),
        toFirst(row, index, ({ latencyMs }) => latencyMs.p50),
      ]),
    ),
  );

const lifeTable = ({ topologies }: Figures, rows: readonly Row[]): string =>
  table(
    ['life cycles', 'on', '/s', 'p50', 'p99', 'met 503', 'CPU of each', 'CPU to the first'],
    rows.flatMap((row) =>
      row.measured.map(({ perSecond, latencyMs: { p50, p99 }, unavailable, cpuMs }, index) => [
        index === 0 ? row.name : '',
        topologies[index] ?? '',
        rate(perSecond),
        ms(p50),
        ms(p99),
        rate(unavailable),
        ms(sumOfParts(cpuMs)),
        toFirst(row, index, (of) => sumOfParts(of.cpuMs)),
      ]),
    ),
  );

/** A column for each part of any topology; `values` come in the order of the topologies. */
const partTable = (
  { topologies }: Figures,
  what: string,
  values: readonly ByPart[],
  render: (value: number) => string,
): string => {
  const parts = PARTS.filter((part) => values.some((of) => part in of));
  return table(
    [what, ...parts, 'sum'],
    topologies.map((name, index) => {
      const of = values[index] ?? {};
      const cells = parts.map((part) => (of[part] === undefined ? '' : render(of[part])));
      return [name, ...cells, render(sumOfParts(of))];
    }),
  );
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const megabytes = (value: number): string => `${rate(value)} MB`;

export const renderReport = (report: Report): string =>
  [
    machineLine(report.machine),
    stepTable(report, report.steps),
    lifeTable(report, report.lifeCycles),
    ...report.lifeCycles.map(({ name, measured }) =>
      partTable(
        report,
        `CPU of a life, ${name}`,
        measured.map(({ cpuMs }) => cpuMs),
        ms,
      ),
    ),
    partTable(
      report,
      'CPU at rest, of a core',
      report.atRest.map(({ cpuShare }) => cpuShare),
      percent,
    ),
    partTable(
      report,
      'memory after it all',
      report.atRest.map(({ memoryMb }) => memoryMb),
      megabytes,
    ),
    `Took ${Math.round(report.tookS)} s.`,
  ].join('\n\n');
