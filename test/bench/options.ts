import { parseArgs } from 'node:util';

/** Measured in chat, with a log of their own. */
export const CHAT_ROWS = ['card', 'clicks', 'burst'] as const;
export const ROWS = [
  'auto-permit',
  'decision',
  'redemption',
  'life-cycles',
  'rebuild',
  ...CHAT_ROWS,
] as const;
export type Row = (typeof ROWS)[number];

export interface Options {
  readonly rows: ReadonlySet<Row>;
  readonly json: boolean;
  readonly help: boolean;
  /** Another composition root than the compiled all-in-one. */
  readonly main: string | undefined;
  /** Events in the log, ascending. */
  readonly sizes: readonly number[];
  /** Each is once there and once back over all targets. */
  readonly rounds: number;
  /** Of a latency, in each half of a round. */
  readonly samples: number;
  readonly inFlight: readonly number[];
  /** Of a throughput, in each half of a round. */
  readonly blockMs: number;
  readonly warmUpMs: number;
  readonly chat: ChatOptions;
}

export interface ChatOptions {
  /** Cards, one at a time, a second apart: a channel takes no more. */
  readonly cards: number;
  readonly clicksAtOnce: number;
  readonly clickRounds: number;
  readonly burst: number;
  /** How long the burst is watched once all of it is held. */
  readonly watchMs: number;
}

const FULL = {
  sizes: [1_000, 100_000, 1_000_000],
  rounds: 3,
  samples: 60,
  blockMs: 4_000,
  warmUpMs: 10_000,
  chat: { cards: 60, clicksAtOnce: 100, clickRounds: 10, burst: 10_000, watchMs: 60_000 },
};
const QUICK = {
  sizes: [1_000, 10_000],
  rounds: 1,
  samples: 40,
  blockMs: 1_500,
  warmUpMs: 4_000,
  chat: { cards: 15, clicksAtOnce: 100, clickRounds: 2, burst: 1_000, watchMs: 15_000 },
};

export const HELP = `npm run bench -- [options]

  --quick        logs of 10^3 and 10^4 events, one round, a small burst: about two minutes, for a first look
  --only <row>   ${ROWS.join(', ')}; may be repeated
  --json         all figures as JSON on stdout
  --main <path>  another composition root than apps/all-in-one
`;

export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      main: { type: 'string' },
    },
  });
  const { only, main, json, help, quick } = values;
  const rows = new Set(only === undefined ? ROWS : only.map(rowNamed));
  return { ...(quick ? QUICK : FULL), inFlight: [1, 16, 64], rows, json, help, main };
};

const rowNamed = (name: string): Row => {
  const row = ROWS.find((candidate) => candidate === name);
  if (row === undefined) throw new Error(`There is no row ${name}; the rows are ${ROWS.join(', ')}.`);
  return row;
};
