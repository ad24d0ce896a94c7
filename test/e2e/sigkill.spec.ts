import { randomUUID } from 'node:crypto';
import type { RequestView } from '@countersign/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPolicy } from './harness/add-policy.ts';
import { startWithBadLuck } from './harness/bad-luck.ts';
import type { Answer } from './harness/api.ts';
import type { Countersign } from './harness/countersign.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  actionOf,
  ALICE,
  approve,
  awaitStatus,
  BOB,
  CAROL,
  claim,
  decide,
  ETL_BOT,
  read,
  redeem,
  redemptionOf,
  report,
  smallExport,
  stagingRead,
  submit,
  type ActionParts,
} from './harness/life-cycle.ts';

/** One request on its way to an append that kills the process, and what its client does about it. */
class Journey {
  readonly #countersign: Countersign;
  readonly #key = randomUUID();
  token = '';

  constructor(countersign: Countersign) {
    this.#countersign = countersign;
  }

  submit = async (body: ActionParts = smallExport()): Promise<RequestView> =>
    submit(await this.#countersign.api(ETL_BOT), body, { 'idempotency-key': this.#key });

  pending = async (body?: ActionParts): Promise<RequestView> =>
    awaitStatus(await this.#countersign.api(ETL_BOT), (await this.submit(body)).id, 'pending');

  approved = async (body?: ActionParts): Promise<RequestView> => {
    const pending = await this.pending(body);
    await approve(await this.#countersign.api(ALICE), pending);
    return read(await this.#countersign.api(ETL_BOT), pending.id);
  };

  claimed = async (body?: ActionParts): Promise<RequestView> => {
    const approved = await this.approved(body);
    this.token = (await claim(await this.#countersign.api(ETL_BOT), approved.id)).token;
    return approved;
  };

  redeemed = async (): Promise<RequestView> => {
    const claimed = await this.claimed();
    await redeem(await this.#countersign.api(ETL_BOT), claimed, this.token);
    return claimed;
  };

  decide = async (request: RequestView, decision: 'approve' | 'deny'): Promise<Answer> =>
    decide(await this.#countersign.api(BOB), request, decision);

  /** With an id, so that a lost answer can be asked for again. */
  redeem = async (request: RequestView): Promise<Answer> =>
    (await this.#countersign.api(ETL_BOT)).post('/v1/grants/redemptions', {
      ...redemptionOf(request, this.token),
      redemptionId: this.#key,
    });

  claim = async ({ id }: RequestView): Promise<unknown> => claim(await this.#countersign.api(ETL_BOT), id);

  report = async ({ id }: RequestView): Promise<unknown> => report(await this.#countersign.api(ETL_BOT), id);

  cancel = async ({ id }: RequestView): Promise<Answer> =>
    (await this.#countersign.api(ETL_BOT)).post(`/v1/requests/${id}/cancellation`);

  revoke = async ({ id }: RequestView): Promise<Answer> =>
    (await this.#countersign.api(CAROL)).post(`/v1/grants/${id}/revocation`, { reason: 'Too risky.' });
}

interface Drama {
  /** The event whose append the process doesn't survive. */
  readonly type: string;
  readonly ends: string;
  /** Undefined: the request itself is what is repeated. */
  readonly prepare?: (journey: Journey) => Promise<RequestView>;
  readonly act: (journey: Journey, prepared: RequestView | undefined) => Promise<unknown>;
}

const on =
  (act: (journey: Journey, request: RequestView) => Promise<unknown>) =>
  (journey: Journey, prepared: RequestView | undefined): Promise<unknown> =>
    prepared === undefined ? Promise.reject(new Error('Nothing was prepared.')) : act(journey, prepared);

const soon = (action: string): ActionParts => actionOf(action, 'Dataset', 'customers');

const DRAMAS: readonly Drama[] = [
  { type: 'ActionRequested', ends: 'pending', act: (journey) => journey.submit() },
  { type: 'ReviewOpened', ends: 'pending', act: (journey) => journey.submit() },
  { type: 'ReviewApproved', ends: 'approved', act: (journey) => journey.submit(stagingRead()) },
  { type: 'ReviewEscalated', ends: 'pending', act: (journey) => journey.submit(soon('data.escalated')) },
  { type: 'ReviewExpired', ends: 'expired', act: (journey) => journey.submit(soon('data.sampled')) },
  {
    type: 'DecisionRecorded',
    ends: 'approved',
    prepare: (journey) => journey.pending(),
    act: on((journey, request) => journey.decide(request, 'approve')),
  },
  {
    type: 'ReviewDenied',
    ends: 'denied',
    prepare: (journey) => journey.pending(),
    act: on((journey, request) => journey.decide(request, 'deny')),
  },
  {
    type: 'ReviewCancelled',
    ends: 'cancelled',
    prepare: (journey) => journey.pending(),
    act: on((journey, request) => journey.cancel(request)),
  },
  {
    type: 'GrantOpened',
    ends: 'approved',
    prepare: (journey) => journey.approved(),
    act: on((journey, request) => journey.claim(request)),
  },
  {
    type: 'GrantRedeemed',
    ends: 'redeemed',
    prepare: (journey) => journey.claimed(),
    act: on((journey, request) => journey.redeem(request)),
  },
  {
    type: 'ExecutionReported',
    ends: 'succeeded',
    prepare: (journey) => journey.redeemed(),
    act: on((journey, request) => journey.report(request)),
  },
  {
    type: 'GrantRevoked',
    ends: 'revoked',
    prepare: (journey) => journey.claimed(),
    act: on((journey, request) => journey.revoke(request)),
  },
  {
    type: 'GrantExpired',
    ends: 'grant_expired',
    prepare: (journey) => journey.approved(soon('data.lent')),
    act: on((_, request) => Promise.resolve(request)),
  },
];

const MOMENTS = ['before', 'after'] as const;
type Moment = (typeof MOMENTS)[number];

const start = (): Promise<Countersign> =>
  startWithBadLuck(
    {},
    {
      editPolicies: (folder) => {
        // Nobody is told, so that it ends alike wherever the process is killed.
        addPolicy(folder, 'data.sampled', '@expires_in("1s")', '');
        addPolicy(folder, 'data.lent', '@grant_ttl("1s")');
        addPolicy(folder, 'data.escalated', '@escalate_after("1s") @escalate_to("platform")');
      },
    },
  );

let stores: Readonly<Record<Moment, Countersign>>;
beforeAll(async () => {
  const [before, after] = await Promise.all([start(), start()]);
  stores = { before, after };
});
afterAll(async () => {
  await Promise.all(MOMENTS.map((moment) => stores[moment].dispose()));
});

/** Dies by the failpoint, whatever its client hears of it; goes on in a new process. */
const dieOnce = async (countersign: Countersign, act: () => Promise<unknown>): Promise<void> => {
  const [{ signal }] = await Promise.all([countersign.process.ended, Promise.allSettled([act()])]);
  expect(signal).toBe('SIGKILL');
  await countersign.restart();
};

const idOf = (request: unknown): string => (request as RequestView).id;

const play = async (moment: Moment, { type, prepare, act, ends }: Drama): Promise<void> => {
  const countersign = stores[moment];
  const journey = new Journey(countersign);
  const prepared = await prepare?.(journey);
  await countersign.process.order({ order: 'arm', failpoints: `${moment}-append:${type}:kill` });
  await dieOnce(countersign, () => act(journey, prepared));
  const repeated = await act(journey, prepared);
  const id = prepared?.id ?? idOf(repeated);
  await awaitStatus(await countersign.api(ETL_BOT), id, ends);
  const standing = (): number =>
    countersign.log.events().filter((event) => event.type === type && event.stream.endsWith(id)).length;
  await expect.poll(standing, { timeout: 5_000 }).toBe(1);
  assertInvariants(countersign);
};

describe('killed by SIGKILL right before and right after an append, it goes on and nothing is doubled:', () => {
  // Six starts of a process each, beside whatever else this machine does.
  it.each(DRAMAS.map((drama) => [drama.type, drama] as const))(
    '%s',
    { timeout: 60_000 },
    async (_, drama) => {
      await Promise.all(MOMENTS.map((moment) => play(moment, drama)));
    },
  );
});
