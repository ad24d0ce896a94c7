import { randomUUID } from 'node:crypto';
import { issueCommandProof } from '@countersign/bus';
import {
  CALL_QUEUE,
  CALL_TRAFFIC,
  commandKeyName,
  doorbellNatsSubject,
  GRANT_TOKEN_KEY,
  RECORD_DECISION,
  REVOKE_GRANT,
  type RequestView,
} from '@countersign/contracts';
import { streamName, WRITER_OF, type Category, type RecordedEvent } from '@countersign/event-store';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { chatAccount, Drill, TENANT } from './drill.ts';
import { BYSTANDING, openedGrant, retold } from './forged-events.ts';
import { Thief, type Guise } from './thief.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const GUISES: readonly Guise[] = [
  { name: 'its own', key: 'stolen' },
  { name: "the writer's", key: 'stolen' },
  { name: "the writer's", key: 'made up' },
];
const OWN: Guise = { name: 'its own', key: 'stolen' };

let drill: Drill;
/** What policy appended when alice did approve something: the decision, and the approval. */
let approval: readonly RecordedEvent[];
beforeAll(async () => {
  drill = await Drill.start();
  approval = drill.apart.log.stream(streamName('review', (await drill.approved()).id)).slice(-2);
});
afterAll(() => drill.dispose());

const withThief = async (service: ServiceName, use: (thief: Thief) => Promise<void>): Promise<void> => {
  const thief = await Thief.of(service, drill.apart.stack);
  try {
    await use(thief);
  } finally {
    await thief.leave();
  }
};

/** Audit counts each forged event, whoever else meets it: the metric that an SRE is called by. */
const expectAlarms = async (atLeast: number): Promise<void> => {
  const reached = async () =>
    expect(await drill.alarms('signature_invalid', ['audit'])).toBeGreaterThanOrEqual(atLeast);
  await vi.waitFor(reached, { timeout: 30_000, interval: 200 });
};

const eachGuise = (make: () => Promise<RequestView>) =>
  Promise.all(GUISES.map(async (guise) => ({ guise, target: await make() })));

const tokenBy = (thief: Thief, keyName: string, { id, digest }: RequestView): Promise<string> => {
  const { kid, privateKey } = thief.key(keyName);
  const [iat, exp] = [Math.floor(Date.now() / 1_000), Math.floor(Date.now() / 1_000) + 3_600];
  const claims = {
    sub: 'Agent::"etl-bot"',
    jti: 'forged',
    gid: id,
    rid: id,
    dig: digest,
    iat,
    nbf: iat,
    exp,
  };
  return new SignJWT({ iss: 'urn:countersign:credentials', aud: 'urn:countersign:pep', ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'countersign-grant+jwt', kid })
    .sign(privateKey);
};

/** What policy answers to a click that nobody made, with all that notification would say of one. */
const vouchedClick = async (
  thief: Thief,
  { id: requestId, digest }: RequestView,
  person: string,
): Promise<string> => {
  const shown = { message: `${TENANT}/C0PROD/1.1`, cardVersion: 3, sawWhole: true };
  const payload = { requestId, decision: 'approve', reason: 'Forged.', digest, shown };
  const { natsSubject } = RECORD_DECISION;
  const token = await issueCommandProof({
    service: 'notification',
    key: thief.key(commandKeyName('notification')),
    audience: 'policy',
    natsSubject,
    payload,
    channel: { kind: 'slack', tenant: TENANT, user: chatAccount(person) },
    nowMs: Date.now(),
  });
  return thief.call(natsSubject, { payload, proof: { kind: 'channel', token } });
};

const mayNot = (service: ServiceName, category: string): boolean =>
  Object.entries(WRITER_OF).some(([each, writer]) => each === category && writer !== service);
/** Everybody whose key isn't the one that this category is written with. */
const foreignTo = (category: Category): readonly ServiceName[] =>
  SERVICE_NAMES.filter((service) => mayNot(service, category));

describe('a stolen key, used on what is not its own,', () => {
  it.each(foreignTo('review'))(
    'approves nothing: no decision counts, no grant opens, and an alarm is raised (%s)',
    (service) =>
      withThief(service, async (thief) => {
        const before = await drill.alarms('signature_invalid', ['audit']);
        const targets = await eachGuise(() => drill.pending());
        for (const { guise, target } of targets) {
          // A whole approval, and ones that skip the decision.
          const forged = retold(approval, target).slice(guise === GUISES[1] ? 0 : 1);
          await thief.append(streamName('review', target.id), forged, guise);
        }
        for (const { target } of targets) {
          expect(await drill.claim(target)).toMatchObject({ status: 409, code: 'approval_not_proven' });
          const decided = await drill.decide(drill.bob, target);
          expect(decided).toMatchObject({ status: 409, code: 'record_not_trusted' });
          expect(drill.types('grant', target)).toEqual([]);
        }
        await expectAlarms(before + 4);
      }),
  );

  it.each(foreignTo('grant'))('opens and spends no grant, and an alarm is raised (%s)', (service) =>
    withThief(service, async (thief) => {
      const before = await drill.alarms('signature_invalid', ['audit']);
      const targets = await eachGuise(() => drill.approved());
      for (const { guise, target } of targets) {
        await thief.append(streamName('grant', target.id), openedGrant(target), guise);
      }
      for (const { target } of targets) {
        const token = await tokenBy(thief, service, target);
        expect(await drill.redeem(target, token)).toMatchObject({ status: 401, code: 'token_invalid' });
        expect(await drill.claim(target)).toMatchObject({ status: 409, code: 'approval_not_proven' });
        expect(drill.types('grant', target)).toEqual(['GrantOpened', 'TokenIssued']);
      }
      await expectAlarms(before + 6);
    }),
  );

  it.each(foreignTo('request'))(
    'asks for nothing in another’s name, and an alarm is raised (%s)',
    (service) =>
      withThief(service, async (thief) => {
        const before = await drill.alarms('signature_invalid', ['audit']);
        const asked = drill.apart.log.stream(streamName('request', (await drill.pending()).id));
        for (const guise of GUISES) {
          const id = randomUUID();
          await thief.append(streamName('request', id), retold(asked, { id }), guise);
          const read = await drill.bot.get(`/v1/requests/${id}`);
          expect(read).toMatchObject({ status: 409, code: 'record_not_trusted' });
          expect(drill.types('review', { id })).toEqual([]);
        }
        await expectAlarms(before + GUISES.length);
      }),
  );

  it.each(SERVICE_NAMES)(
    'changes nothing by what it writes where nobody takes authority from it, and an alarm is raised (%s)',
    (service) =>
      withThief(service, async (thief) => {
        const before = await drill.alarms('signature_invalid', ['audit']);
        const target = await drill.pending();
        const foreign = BYSTANDING.filter(({ category }) => mayNot(service, category));
        for (const { category, forge } of foreign) {
          await thief.append(streamName(category, target.id), [forge(target)], OWN);
        }
        expect(await drill.until(target.id, 'pending')).toMatchObject({ version: target.version });
        expect(await drill.decide(drill.alice, target)).toMatchObject({ status: 201 });
        await expectAlarms(before + foreign.length);
      }),
  );

  it.each(SERVICE_NAMES)('neither rings, calls nor serves on NATS (%s)', (service) =>
    withThief(service, async (thief) => {
      const doorbells = Object.keys(WRITER_OF).filter((category) => mayNot(service, category));
      const calls = CALL_TRAFFIC.filter(({ callers }) => !callers.includes(service));
      const serving = CALL_TRAFFIC.filter(({ servedBy }) => servedBy !== service);
      const says = [...doorbells.map(doorbellNatsSubject), ...calls.map(({ natsSubject }) => natsSubject)];
      const refused = await thief.refusals(
        ...says.map((natsSubject) => (nats: Thief['nats']) => nats.publish(natsSubject, '{}')),
        ...serving.map(
          ({ natsSubject }) =>
            (nats: Thief['nats']) =>
              nats.subscribe(natsSubject, { queue: CALL_QUEUE, callback: () => undefined }).unsubscribe(),
        ),
      );
      expect(refused).toBe(says.length + serving.length);
    }),
  );
});

describe('what a stolen key can do in its own name', () => {
  it('intake’s: ask in an agent’s name, which people decide as ever', () =>
    withThief('intake', async (thief) => {
      const asked = drill.apart.log.stream(streamName('request', (await drill.pending()).id));
      const id = randomUUID();
      await thief.append(streamName('request', id), retold(asked, { id }), OWN);
      const request = await drill.until(id, 'pending');
      expect(await drill.claim(request)).toMatchObject({ status: 409, code: 'not_approved' });
    }));

  it('intake’s: revoke nothing without the proof of somebody who may', () =>
    withThief('intake', async (thief) => {
      const request = await drill.approved();
      const payload = { requestId: request.id, cause: 'cancelled', reason: 'Forged.' };
      const proof = { kind: 'identity', token: 'nobody.at.all' };
      expect(await thief.call(REVOKE_GRANT.natsSubject, { payload, proof })).toContain('token_invalid');
      expect(drill.types('grant', request)).toEqual([]);
    }));

  it.each([
    ['somebody whom the directory does not know', 'nobody', 'unknown_principal'],
    ['the owner of the requester', 'carol', 'self_approval'],
    ['somebody of no group that was asked', 'dave', 'not_eligible'],
  ])('notification’s: vouch for a click of %s, which decides nothing', (_, person, code) =>
    withThief('notification', async (thief) => {
      const request = await drill.pending();
      expect(await vouchedClick(thief, request, person)).toContain(code);
      expect(drill.types('review', request)).not.toContain('DecisionRecorded');
    }),
  );

  it('credentials’: open no grant that nobody approved, not even with a token of its key; an alarm is raised', () =>
    withThief('credentials', async (thief) => {
      const before = await drill.alarms('approval_not_proven', SERVICE_NAMES);
      const request = await drill.pending();
      await thief.append(streamName('grant', request.id), openedGrant(request), OWN);
      const token = await tokenBy(thief, GRANT_TOKEN_KEY, request);
      expect(await drill.claim(request)).toMatchObject({ status: 409, code: 'approval_not_proven' });
      expect(await drill.redeem(request, token)).toMatchObject({ status: 409, code: 'approval_not_proven' });
      expect(drill.types('grant', request)).toEqual(['GrantOpened', 'TokenIssued']);
      expect(await drill.alarms('approval_not_proven', SERVICE_NAMES)).toBeGreaterThan(before);
    }));

  it('policy’s: approve for no owner, and not below the quorum; an alarm is raised', () =>
    withThief('policy', async (thief) => {
      const before = await drill.alarms('approval_not_proven', SERVICE_NAMES);
      const [byOwner, byNobody] = [await drill.pending(), await drill.pending()];
      const asCarol = retold(approval, byOwner).map(({ type, data }) => ({
        type,
        data: { ...data, ...('approver' in data ? { approver: 'carol' } : { approvers: ['carol'] }) },
      }));
      await thief.append(streamName('review', byOwner.id), asCarol, OWN);
      await thief.append(streamName('review', byNobody.id), retold(approval, byNobody).slice(1), OWN);
      for (const request of [byOwner, byNobody]) {
        expect(await drill.claim(request)).toMatchObject({ status: 409, code: 'approval_not_proven' });
      }
      expect(await drill.alarms('approval_not_proven', SERVICE_NAMES)).toBeGreaterThan(before);
    }));
});

describe('what nothing but notification’s key prevents', () => {
  it('is a decision in the name of somebody who may, by their linked account; the record says through what', () =>
    withThief('notification', async (thief) => {
      const request = await drill.pending();
      expect(await vouchedClick(thief, request, 'alice')).toContain('approved');
      const decided = drill.apart.log
        .stream(streamName('review', request.id))
        .find(({ type }) => type === 'DecisionRecorded');
      const via = { channel: 'slack', tenant: TENANT, user: chatAccount('alice') };
      expect(decided?.data).toMatchObject({ approver: 'alice', via });
    }));
});

describe('what nothing but policy’s key prevents', () => {
  it('is an approval in the name of somebody who may; its grant is still the requester’s alone', () =>
    withThief('policy', async (thief) => {
      const request = await drill.pending();
      await thief.append(streamName('review', request.id), retold(approval, request), OWN);
      const stranger = await drill.apart.caller('Agent::"deploy-bot"');
      expect(await stranger.post('/v1/grants', { requestId: request.id })).toMatchObject({ status: 404 });
      expect(await drill.claim(request)).toMatchObject({ status: 201 });
    }));
});

/** Last: whoever can write to these streams can stop everything, and that is all they can do. */
describe('a policy set that policy did not sign', () => {
  it.each(SERVICE_NAMES.filter((service) => service !== 'policy'))(
    'is in force for nobody: everything stops, and an alarm is raised (%s)',
    (service) =>
      withThief(service, async (thief) => {
        const before = await drill.alarms('signature_invalid', ['audit']);
        const stream = streamName('policyset', 'active');
        const events = drill.apart.log.stream(stream).filter(({ metadata }) => metadata.service === 'policy');
        await thief.append(
          stream,
          events.map(({ type, data }) => ({ type, data })),
          OWN,
        );
        const answer = await fetch(`${drill.apart.stack.address}/v1/reviews?status=open`, {
          headers: { authorization: `Bearer ${await drill.apart.token('User::"alice"')}` },
        });
        expect(answer.ok).toBe(false);
        await expectAlarms(before + events.length);
      }),
  );
});
