import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { claimView, requestView, type RequestView } from '@countersign/contracts';
import { SERVICE_NAMES, toEpochMs, type ServiceName } from '@countersign/kernel';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { addPolicy } from '../../e2e/harness/add-policy.ts';
import {
  actionOf,
  ALICE,
  ETL_BOT,
  redemptionOf,
  smallExport,
  type ActionParts,
} from '../../e2e/harness/life-cycle.ts';
import type { BadLuck } from '../../e2e/roots/orders.ts';
import type { Answer, PersistentCaller } from '../harness/persistent-caller.ts';
import { faultTest, type FaultRun } from '../harness/run.ts';
import { StackUnderLoad } from '../load/stack-under-load.ts';
import { earlyExpiries, lateRedemptions } from './times-in-the-log.ts';

const ROOT = fileURLToPath(new URL('../../e2e/roots/service-with-bad-luck.ts', import.meta.url));
const HOUR_MS = 3_600_000;
/** Of a grant of `data.borrowed`; then it has expired by every honest clock. */
const BORROWED_MS = 2_000;
const NOTICE_MS = 60_000;

let under: StackUnderLoad;
let clockFile: (service: ServiceName) => string;
let etlBot: PersistentCaller;
let alice: PersistentCaller;

const addBorrowing = (folder: string): void =>
  addPolicy(folder, 'data.borrowed', `@grant_ttl("${BORROWED_MS}ms")`);

beforeAll(async () => {
  under = await StackUnderLoad.start((folder) => {
    clockFile = (service) => join(folder, `${service}.clock`);
    const env = (service: ServiceName): Record<string, string> => {
      const luck: BadLuck = { TEST_SERVICE: service, TEST_CLOCK_FILE: clockFile(service) };
      return { ...luck };
    };
    return {
      mains: Object.fromEntries(SERVICE_NAMES.map((service) => [service, ROOT])),
      takesOrders: true,
      env,
    };
  }, addBorrowing);
  [etlBot, alice] = [await under.caller(ETL_BOT), await under.caller(ALICE)];
}, 120_000);
afterAll(() => under.dispose());

const settled = (answer: Answer, ...statuses: number[]): unknown => {
  if (!statuses.includes(answer.status)) throw new Error(`${answer.status}: ${JSON.stringify(answer.json)}`);
  return answer.json;
};

const read = async (id: string): Promise<RequestView> =>
  requestView.parse(settled(await etlBot.get(`/v1/requests/${id}`), 200));

const pending = async (action: ActionParts): Promise<RequestView> => {
  const { id } = requestView.parse(settled(await etlBot.post('/v1/requests', action), 200, 202));
  await expect.poll(async () => (await read(id)).status, { timeout: 30_000 }).toBe('pending');
  return read(id);
};

const approve = ({ id, digest }: RequestView): Promise<Answer> =>
  alice.post(`/v1/reviews/${id}/decisions`, { decision: 'approve', reason: 'Looks right.', digest });

interface Claimed {
  readonly request: RequestView;
  readonly token: string;
}

/** A grant that lives for two seconds: on a busy machine it may take several to claim one in time. */
const claimedSoon = async (): Promise<Claimed> => {
  for (;;) {
    const request = await pending(actionOf('data.borrowed', 'Dataset', 'customers'));
    settled(await approve(request), 200, 201);
    const answer = await etlBot.post('/v1/grants', { requestId: request.id });
    if (answer.status !== 410) return { request, token: claimView.parse(settled(answer, 200, 201)).token };
  }
};

/** One call, past the proxy, which asks nobody who isn't ready; 0 is no answer. */
const callAt = async (
  service: ServiceName,
  path: string,
  body: object | undefined,
  as: string,
): Promise<number> => {
  try {
    const { status } = await fetch(`${under.stack.service(service).address}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${await under.token(as)}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return status;
  } catch {
    return 0;
  }
};

const redeemAt = ({ request, token }: Claimed): Promise<number> =>
  callAt('credentials', '/v1/grants/redemptions', redemptionOf(request, token), ETL_BOT);

/** Something that this service appends to the log when it is asked, or does for itself. */
const giveItSomethingToDo = async (service: ServiceName): Promise<void> => {
  await callAt('intake', '/v1/requests', smallExport(), ETL_BOT);
  if (service === 'audit') await callAt('audit', '/v1/audit/events', undefined, 'User::"dave"');
};

/** What its health says of its clock; undefined where that is well, or it doesn't answer. */
const clockTrouble = async (service: ServiceName): Promise<unknown> => {
  const response = await fetch(`${under.stack.service(service).address}/health/ready`);
  const { failed } = (await response.json()) as { readonly failed?: Readonly<Record<string, unknown>> };
  return failed?.['clock'];
};

const restart = async (service: ServiceName, offMs: number): Promise<void> => {
  const process = under.stack.service(service);
  await process.stop();
  writeFileSync(clockFile(service), String(offMs));
  process.start();
  const live = async (): Promise<number> =>
    (await fetch(`${process.address}/health/live`).catch(() => undefined))?.status ?? 0;
  await expect.poll(live, { timeout: 60_000 }).toBe(200);
};

const untilExpired = async ({ request }: Claimed): Promise<void> => {
  const opened = under.log.stream(`grant-${request.id}`)[0];
  const endsMs = toEpochMs(opened?.committedAt ?? '') + BORROWED_MS;
  while (Date.now() <= endsMs) await delay(endsMs - Date.now() + 1);
};

const play = async (service: ServiceName, offMs: number, { report }: FaultRun): Promise<void> => {
  const open = await pending(smallExport());
  const expiring = await claimedSoon();
  // Nobody who has the right time may end the grant before the wrong clock is asked.
  await under.stack.service('credentials').kill();
  await untilExpired(expiring);
  await restart(service, offMs);
  report.injected(`${service} ${offMs > 0 ? 'ahead' : 'behind'}`);
  if (service !== 'credentials') under.stack.service('credentials').start();
  const deadlineMs = performance.now() + NOTICE_MS;
  while ((await clockTrouble(service)) === undefined) {
    expect(await redeemAt(expiring)).not.toBe(200);
    await giveItSomethingToDo(service);
    if (performance.now() > deadlineMs) throw new Error(`${service} never noticed its clock.`);
    await delay(100);
  }
  expect(await redeemAt(expiring)).not.toBe(200);
  await restart(service, 0);
  await under.stack.whenReady();
  expect(await redeemAt(expiring)).toBe(410);
  // Policy may have ended it before its time: closed, not open.
  const early = service === 'policy' && offMs > 0;
  if (!early) expect((await read(open.id)).status).toBe('pending');
  expect(early ? [201, 409] : [201]).toContain((await approve(open)).status);
};

const CASES = SERVICE_NAMES.flatMap((service) => [HOUR_MS, -HOUR_MS].map((offMs) => ({ service, offMs })));
/** The one that could open what is closed. */
const isShort = ({ service, offMs }: (typeof CASES)[number]): boolean =>
  service === 'credentials' && offMs < 0;

describe('a service whose clock is an hour off', () => {
  faultTest(
    'notices and is not ready; no expired grant is redeemed, and nobody but policy ends a review early',
    { timeoutMs: 180_000 },
    async (run) => {
      for (const { service, offMs } of CASES.filter((each) => run.settings.long || isShort(each))) {
        const before = earlyExpiries(under.log.events()).length;
        await play(service, offMs, run);
        const early = earlyExpiries(under.log.events()).length - before;
        run.tell(`${service}, ${offMs > 0 ? 'ahead' : 'behind'}: ${early} reviews ended early`);
        if (service !== 'policy') expect(early).toBe(0);
      }
      expect(lateRedemptions(under.log.events())).toEqual([]);
    },
  );
});
