import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestView } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { NODE } from './harness/countersign-process.ts';
import type { Attempt, FloodReport } from './harness/flood.ts';
import type { FloodOrders } from './harness/flood-main.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  CAROL,
  claim,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  redemptionOf,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

const PER_SECOND = 1_000;
const SAMPLES = 8;
const BETWEEN_SAMPLES_MS = 400;
/** DESIGN: deny and revoke land within a second under any flood. */
const LANDS_WITHIN_MS = 1_000;
const MAX_RSS_GROWTH_MB = 250;

let countersign: Countersign;
let etlBot: Api;
let alice: Api;
beforeAll(async () => {
  countersign = await Countersign.start();
  [etlBot, alice] = [await countersign.api(ETL_BOT), await countersign.api(ALICE)];
});
afterAll(() => countersign.dispose());

const pending = async (): Promise<RequestView> =>
  awaitStatus(etlBot, (await submit(etlBot, smallExport())).id, 'pending');

const claimed = async (): Promise<{ readonly request: RequestView; readonly token: string }> => {
  const request = await pending();
  await approve(alice, request);
  return { request, token: (await claim(etlBot, request.id)).token };
};

const several = <T>(make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: SAMPLES }, make));

/** Refused for every reason there is: wrong person, wrong digest, wrong executor, another action, no token. */
const attemptsOn = async (
  reviewed: RequestView,
  granted: { readonly request: RequestView; readonly token: string },
): Promise<readonly Attempt[]> => {
  const [asEtlBot, asDeployBot, asCarol, asAlice] = await Promise.all(
    [ETL_BOT, DEPLOY_BOT, CAROL, ALICE].map((as) => countersign.token(as)),
  );
  const decision = { decision: 'approve', reason: 'Let me in.', digest: reviewed.digest };
  const redemption = redemptionOf(granted.request, granted.token);
  const [reviews, redemptions] = [`/v1/reviews/${reviewed.id}/decisions`, '/v1/grants/redemptions'];
  return [
    { path: reviews, token: asEtlBot!, body: decision },
    { path: redemptions, token: asDeployBot!, body: redemption },
    { path: reviews, token: asCarol!, body: decision },
    { path: redemptions, token: asEtlBot!, body: { ...redemption, resource: reviewed.context } },
    { path: reviews, token: asAlice!, body: { ...decision, digest: 'A'.repeat(43) } },
    { path: redemptions, token: asEtlBot!, body: { ...redemption, token: 'made up' } },
  ].map((attempt) => ({ ...attempt, body: JSON.stringify(attempt.body) }));
};

/** Milliseconds until the answer is here, and with it the event durable. */
const timed = async (
  act: () => Promise<{ status: number; text: string }>,
  wanted: number,
): Promise<number> => {
  const startedMs = performance.now();
  const { status, text } = await act();
  const tookMs = performance.now() - startedMs;
  expect({ status, text }).toMatchObject({ status: wanted });
  return tookMs;
};

/** Resolves when the flood has begun, with how to end it. */
const startFlood = async (orders: FloodOrders): Promise<() => Promise<FloodReport>> => {
  const flood = fork(new URL('harness/flood-main.ts', import.meta.url), { execPath: NODE, execArgv: [] });
  flood.send(orders);
  await once(flood, 'message');
  return async () => {
    flood.send('stop');
    const [report]: FloodReport[] = await once(flood, 'message');
    return report!;
  };
};

const rssMb = (): number => {
  const status = readFileSync(`/proc/${countersign.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
};

describe('1,000 refused attempts a second', () => {
  it('keep no denial and no revocation from landing within a second, fill no stream and no memory', async () => {
    const [toDeny, toRevoke] = [await several(pending), await several(claimed)];
    const attempts = await attemptsOn(await pending(), await claimed());
    const [beforeMb, deniedMs, revokedMs]: [number, number[], number[]] = [rssMb(), [], []];
    const stopFlood = await startFlood({ address: countersign.address, attempts, perSecond: PER_SECOND });
    for (const [index, request] of toDeny.entries()) {
      const { id } = toRevoke[index]!.request;
      deniedMs.push(await timed(() => decide(alice, request, 'deny'), 201));
      const reason = 'Something floods us.';
      revokedMs.push(await timed(() => alice.post(`/v1/grants/${id}/revocation`, { reason }), 200));
      await delay(BETWEEN_SAMPLES_MS);
    }
    const { sent, seconds, statuses } = await stopFlood();
    expect(sent / seconds).toBeGreaterThan(PER_SECOND * 0.95);
    expect(Math.max(...deniedMs, ...revokedMs)).toBeLessThan(LANDS_WITHIN_MS);
    expect(Object.keys(statuses).filter((status) => !['401', '403', '404', '409'].includes(status))).toEqual(
      [],
    );
    expect(rssMb() - beforeMb).toBeLessThan(MAX_RSS_GROWTH_MB);
    const counts = Map.groupBy(countersign.log.events(), ({ stream }) => stream);
    const capped = [...counts].filter(([stream]) => parseStreamName(stream).category.endsWith('attempt'));
    expect(capped.map(([, events]) => events.length)).toEqual([20, 20]);
    assertInvariants(countersign);
  }, 40_000);
});
