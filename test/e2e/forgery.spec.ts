import type { RequestView } from '@countersign/contracts';
import type { DomainEvent } from '@countersign/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './harness/countersign.ts';
import { Forger } from './harness/forger.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  BOB,
  decide,
  ETL_BOT,
  smallExport,
  submit,
} from './harness/life-cycle.ts';

let countersign: Countersign;
let forger: Forger;
beforeAll(async () => {
  countersign = await Countersign.start();
  forger = new Forger(countersign.dataFolder);
});
afterAll(() => countersign.dispose());

const pending = async (): Promise<RequestView> => {
  const etlBot = await countersign.api(ETL_BOT);
  return awaitStatus(etlBot, (await submit(etlBot, smallExport())).id, 'pending');
};

/** What policy appends when alice approves, by a request that she did approve. */
const genuineApproval = async () => {
  const model = await pending();
  await approve(await countersign.api(ALICE), model);
  return countersign.log.stream(`review-${model.id}`).slice(-2);
};

type Approval = Awaited<ReturnType<typeof genuineApproval>>;

const about = ({ id }: RequestView, approval: Approval): DomainEvent[] =>
  approval.map(({ type, data }) => ({ type, data: { ...data, requestId: id } }));

const openedGrant = ({ id, digest }: RequestView): DomainEvent[] => {
  const expiresAt = '2999-01-01T00:00:00.000Z';
  const terms = { grantId: id, requestId: id, digest, expiresAt, enforcement: 'advisory' };
  const [requester, now] = [{ type: 'Agent', id: 'etl-bot' }, new Date().toISOString()];
  return [
    { type: 'GrantOpened', data: { ...terms, requester, redeemer: requester, openedAt: now } },
    { type: 'TokenIssued', data: { grantId: id, jti: 'forged', issuedAt: now, expiresAt } },
  ];
};

interface Attack {
  readonly what: string;
  readonly forge: (request: RequestView, approval: Approval) => void;
}

const review = ({ id }: RequestView): string => `review-${id}`;

const ATTACKS: readonly Attack[] = [
  {
    what: 'a whole approval that nobody signed',
    forge: (request, approval) =>
      forger.append({ stream: review(request), events: about(request, approval) }),
  },
  {
    what: 'a ReviewApproved alone that nobody signed',
    forge: (request, approval) =>
      forger.append({ stream: review(request), events: about(request, approval.slice(-1)) }),
  },
  {
    what: 'a decision alone that nobody signed',
    forge: (request, approval) =>
      forger.append({ stream: review(request), events: about(request, approval.slice(0, 1)) }),
  },
  {
    what: "an approval in policy's name, signed by the intake's key",
    forge: (request, approval) =>
      forger.append({ stream: review(request), events: about(request, approval), signedBy: 'intake' }),
  },
  {
    what: "an approval in the intake's own name and signature",
    forge: (request, approval) =>
      forger.append({
        stream: review(request),
        events: about(request, approval),
        signedBy: 'intake',
        service: 'intake',
      }),
  },
  {
    what: "another request's genuine approval",
    forge: (request, approval) => forger.transplant(review(request), approval),
  },
  {
    what: 'a grant that nobody signed',
    forge: (request) => forger.append({ stream: `grant-${request.id}`, events: openedGrant(request) }),
  },
  {
    what: "a grant signed by policy's key",
    forge: (request) =>
      forger.append({ stream: `grant-${request.id}`, events: openedGrant(request), signedBy: 'policy' }),
  },
];

describe('what is forged straight into the store', () => {
  let forged: readonly RequestView[];
  let standing: readonly string[];

  const recorded = (): readonly string[] =>
    forged.flatMap(({ id }) =>
      ['request', 'review', 'grant'].flatMap((of) => countersign.log.types(`${of}-${id}`)),
    );

  beforeAll(async () => {
    const approval = await genuineApproval();
    forged = await Promise.all(ATTACKS.map(pending));
    await countersign.stop();
    ATTACKS.forEach(({ forge }, index) => forge(forged[index]!, approval));
    standing = recorded();
    await countersign.restart();
  });

  it.each(ATTACKS.map(({ what }, index) => [what, index] as const))(
    'gives no grant and no decision, but an alarm: %s',
    async (_, index) => {
      const request = forged[index]!;
      const etlBot = await countersign.api(ETL_BOT);
      const claimed = await etlBot.post('/v1/grants', { requestId: request.id });
      expect(claimed).toMatchObject({ status: 409, json: { code: 'approval_not_proven' } });
      const revoked = await (
        await countersign.api(ALICE)
      ).post(`/v1/grants/${request.id}/revocation`, { reason: 'Forged.' });
      expect(revoked).toMatchObject({ status: 409, json: { code: 'approval_not_proven' } });
      const alarms = countersign.process.logLines.filter(({ event }) => event === 'countersign.alarm');
      expect(alarms).toContainEqual(expect.objectContaining({ requestId: request.id }));
    },
  );

  it('nothing was appended after it, also where a person decides', async () => {
    const bob = await countersign.api(BOB);
    const ofReviews = forged.slice(0, -2);
    const answers = await Promise.all(ofReviews.map((request) => decide(bob, request)));
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 409, json: { code: 'record_not_trusted' } });
    }
    expect(recorded()).toEqual(standing);
  });

  it('is shown to nobody as if it were so', async () => {
    const etlBot = await countersign.api(ETL_BOT);
    for (const { id } of forged) {
      expect(await etlBot.get(`/v1/requests/${id}`)).toMatchObject({
        status: 409,
        json: { code: 'record_not_trusted' },
      });
    }
  });

  it('is counted among the alarms, and holds up nobody else', async () => {
    const metrics = await countersign.apiWith().get('/metrics');
    expect(metrics.text).toMatch(/^countersign_alarms_total\{.*code="signature_invalid".*\} [1-9]/m);
    await approve(await countersign.api(ALICE), await pending());
  });
});
