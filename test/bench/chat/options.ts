import { parseArgs } from 'node:util';

export const ROWS = ['card', 'clicks', 'burst'] as const;
export type Row = (typeof ROWS)[number];

export interface Options {
  readonly rows: ReadonlySet<Row>;
  readonly json: boolean;
  readonly help: boolean;
  /** Cards, one at a time, a second apart: a channel takes no more. */
  readonly cards: number;
  readonly clicksAtOnce: number;
  readonly clickRounds: number;
  readonly burst: number;
  /** How long the burst is watched once all of it is held. */
  readonly watchMs: number;
}

const FULL = { cards: 40, clicksAtOnce: 100, clickRounds: 5, burst: 10_000, watchMs: 60_000 };
const QUICK = { cards: 10, clicksAtOnce: 100, clickRounds: 1, burst: 1_000, watchMs: 15_000 };

export const HELP = `npm run bench:chat -- [options]

Slack's side of all-in-one, against an endpoint on this machine that takes whatever it is sent.

  --quick       less of each: a minute, for a first look
  --only <row>  ${ROWS.join(', ')}; may be repeated
  --json        all figures as JSON on stdout
`;

export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
    },
  });
  const { only, quick, json, help } = values;
  return {
    ...(quick ? QUICK : FULL),
    rows: new Set(only === undefined ? ROWS : only.map(rowNamed)),
    json,
    help,
  };
};

const rowNamed = (name: string): Row => {
  const row = ROWS.find((candidate) => candidate === name);
  if (row === undefined) throw new Error(`There is no row ${name}; the rows are ${ROWS.join(', ')}.`);
  return row;
};
