import { describe, expect } from 'vitest';
import { Journey } from '../harness/journey.ts';
import { Ledger } from '../harness/ledger.ts';
import { faultTest } from '../harness/run.ts';
import { SCENARIOS } from '../harness/scenarios.ts';
import { FaultStack, type FaultStackOptions } from './fault-stack.ts';

/** What policy appends to an empty log before it serves. */
const FIRST_APPENDS = /^(?:before|after)-(?:append|ring) (?:system-mode|policyset-active) /;

const withStack = async <Result>(
  options: FaultStackOptions,
  use: (stack: FaultStack) => Promise<Result>,
): Promise<Result> => {
  const stack = await FaultStack.start(options);
  try {
    return await use(stack);
  } finally {
    await stack.dispose();
  }
};

const runsOne = async (stack: FaultStack): Promise<void> => {
  const ledger = new Ledger();
  const journey = new Journey(await stack.callers(), ledger);
  const [{ play, ends }] = SCENARIOS as [(typeof SCENARIOS)[number]];
  await play(journey);
  await journey.until(...ends);
  stack.assertWhole(ledger);
};

describe('the first start of all', () => {
  faultTest(
    'survives a death of policy at each of its appends',
    { timeoutMs: 60_000, longOnly: true },
    async ({ report, tell }) => {
      const places = await withStack({}, (stack) =>
        Promise.resolve(stack.passed('policy').filter((line) => FIRST_APPENDS.test(line))),
      );
      expect(places.length).toBeGreaterThan(4);
      for (const place of places) {
        tell(place);
        const deaths: string[] = [];
        const log: FaultStackOptions['log'] = (line) => {
          if (line.includes('policy-0 ended (SIGKILL)')) deaths.push(line);
        };
        await withStack({ supervise: true, log, env: { TEST_DIE_ONCE_AT: place } }, runsOne);
        expect(deaths).toHaveLength(1);
        report.injected(place.split(' ').slice(0, 2).join(' '));
      }
    },
  );
});
