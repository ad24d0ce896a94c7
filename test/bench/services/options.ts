import { parseArgs } from 'node:util';

export interface Options {
  readonly json: boolean;
  readonly help: boolean;
  /** Of each step, in each of the two turns. */
  readonly samples: number;
  /** For making them ready and taking them; fewer are taken where it isn't enough. */
  readonly withinMs: number;
  readonly inFlight: readonly number[];
  /** Of a throughput, in each of the two turns. */
  readonly blockMs: number;
  readonly warmUpMs: number;
  readonly restMs: number;
}

const FULL = {
  samples: 40,
  withinMs: 3_000,
  inFlight: [1, 16, 64],
  blockMs: 4_000,
  warmUpMs: 6_000,
  restMs: 10_000,
};
const QUICK = {
  samples: 12,
  withinMs: 600,
  inFlight: [16],
  blockMs: 2_000,
  warmUpMs: 2_000,
  restMs: 2_000,
};

export const HELP = `npm run bench:services -- [options]

The five services apart, one and two of each, beside all-in-one on SQLite and on the development event store.

  --quick   less of each: a minute and a half, for a first look
  --json    all figures as JSON on stdout
`;

export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, json, help } = values;
  return { ...(quick ? QUICK : FULL), json, help };
};
