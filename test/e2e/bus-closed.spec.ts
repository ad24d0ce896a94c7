import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueCommandProof, type CommandProofOptions } from '@countersign/bus';
import {
  CANCEL_REVIEW,
  doorbellNatsSubject,
  natsInboxPrefix,
  RECORD_DECISION,
  REVOKE_GRANT,
  type CommandProof,
  type RequestView,
} from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import { keysFolderOf, loadOrCreateKey } from '@countersign/keys-file';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './harness/countersign.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  CAROL,
  claim,
  DEPLOY_BOT,
  ETL_BOT,
  read,
  redeem,
  smallExport,
  submit,
} from './harness/life-cycle.ts';
import { Nats } from './harness/nats.ts';

const INTERNAL = [
  ...['request', 'review', 'grant', 'delivery', 'policyset'].map(doorbellNatsSubject),
  RECORD_DECISION.natsSubject,
  CANCEL_REVIEW.natsSubject,
  REVOKE_GRANT.natsSubject,
  'countersign.internal.call.policy.reauthorize',
  'countersign.v1.accepted.QQ',
  'countersign.v1.receipts.QQ.r1',
  `${natsInboxPrefix('internal')}.x.y`,
  '$JS.API.STREAM.LIST',
  '$SYS.REQ.SERVER.PING',
];
const NOT_FOR_THEM = [
  ...INTERNAL.filter((natsSubject) => !/accepted|receipts/.test(natsSubject)),
  'countersign.internal.>',
  'countersign.v1.requests.*',
  `${natsInboxPrefix('internal')}.>`,
  '>',
];

const pendingExport = async (countersign: Countersign): Promise<RequestView> => {
  const etlBot = await countersign.api(ETL_BOT);
  return awaitStatus(etlBot, (await submit(etlBot, smallExport())).id, 'pending');
};

describe('the NATS server that it starts for itself', () => {
  let countersign: Countersign;
  let access: { readonly url: string; readonly user: string; readonly pass: string };
  let requester: NatsConnection;
  beforeAll(async () => {
    countersign = await Countersign.start();
    access = JSON.parse(readFileSync(join(countersign.dataFolder, 'nats-requester.json'), 'utf8'));
    const { url: servers, user, pass } = access;
    requester = await connect({ servers, user, pass, inboxPrefix: natsInboxPrefix('requester') });
  });
  afterAll(async () => {
    await requester.close();
    await countersign.dispose();
  });

  /** The server's next word of refusal on the requester's connection. */
  const refusal = async (): Promise<string | undefined> => {
    for await (const status of requester.status()) if (status.type === 'error') return status.error.message;
    return undefined;
  };

  it('refuses a stranger on the port, with a guess and without', async () => {
    const logins = [
      {},
      { user: 'internal', pass: 'guess' },
      { user: 'requester' },
      { user: 'internal', pass: access.pass },
      { token: access.pass },
    ];
    for (const login of logins) {
      await expect(connect({ servers: access.url, reconnect: false, ...login })).rejects.toThrow();
    }
  });

  it.each(INTERNAL)('lets a requester say nothing on %s', async (natsSubject) => {
    const refused = refusal();
    requester.publish(natsSubject, '{}');
    expect(await refused).toMatch(/permissions violation/i);
  });

  it.each(NOT_FOR_THEM)('lets a requester hear nothing on %s', async (natsSubject) => {
    const refused = refusal();
    const subscription = requester.subscribe(natsSubject, { callback: () => undefined });
    expect(await refused).toMatch(/permissions violation/i);
    subscription.unsubscribe();
  });

  it('shows access to nobody else, and makes it anew at each start', async () => {
    const path = join(countersign.dataFolder, 'nats-requester.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await countersign.restart();
    expect(JSON.parse(readFileSync(path, 'utf8')).pass).not.toBe(access.pass);
    await countersign.stop();
    expect(existsSync(path)).toBe(false);
  });
});

describe('on a bus whose credentials have leaked', () => {
  const CLICK = { kind: 'slack', tenant: 'T1', user: 'U-alice' } as const;
  let nats: Nats;
  let countersign: Countersign;
  let bus: Awaited<ReturnType<Nats['bus']>>;

  /** Links alice to an account of a chat. */
  const linkAlice = (folder: string): void => {
    const path = join(folder, 'directory.yaml');
    const channels = '    channels: [{ channel: slack, tenant: T1, user: U-alice }]\n';
    const directory = readFileSync(path, 'utf8');
    writeFileSync(path, directory.replace(/( {4}name: Alice.*\n)/, `$1${channels}`));
  };

  beforeAll(async () => {
    nats = await Nats.up();
    countersign = await Countersign.start({ env: nats.env, editPolicies: linkAlice });
    bus = await nats.bus();
  });
  afterAll(async () => {
    await bus.close();
    await countersign.dispose();
    await nats.dispose();
  });

  const send = (call: { natsSubject: string }, message: Json): Promise<Json> =>
    bus.request(call.natsSubject, message, { deadlineMs: 2_500 });

  const decisionOn = ({ id, digest }: RequestView) =>
    ({ requestId: id, decision: 'approve', reason: 'Sure.', digest }) as const;

  const vouch = async (payload: Json, changes: Partial<CommandProofOptions> = {}): Promise<CommandProof> => ({
    kind: 'channel',
    token: await issueCommandProof({
      service: 'notification',
      key: loadOrCreateKey(keysFolderOf(countersign.dataFolder), 'command-notification'),
      audience: 'policy',
      natsSubject: RECORD_DECISION.natsSubject,
      payload,
      channel: CLICK,
      nowMs: Date.now(),
      ...changes,
    }),
  });

  const identity = async (as: string, ttlMs?: number): Promise<CommandProof> => ({
    kind: 'identity',
    token: await countersign.token(as, undefined, ttlMs),
  });

  const expectStillPending = async ({ id }: RequestView): Promise<void> =>
    expect((await read(await countersign.api(ETL_BOT), id)).status).toBe('pending');

  it('a forged doorbell changes nothing, whatever it says', async () => {
    const request = await pendingExport(countersign);
    const stranger = { category: 'request', stream: 'request-none', revision: 0, type: 'X', id: 'x' };
    bus.ring(stranger);
    for (const category of ['request', 'review', 'grant']) {
      bus.ring({
        category,
        stream: `${category}-${request.id}`,
        revision: 99,
        type: 'ReviewApproved',
        id: 'x',
      });
    }
    bus.announce(doorbellNatsSubject('review'), { category: 'review', stream: 'request-1' });
    bus.announce(doorbellNatsSubject('review'), 'no doorbell at all');
    await expectStillPending(request);
    await approve(await countersign.api(ALICE), request);
    await expect
      .poll(() => countersign.log.types(`review-${request.id}`))
      .toEqual(['PolicyEvaluated', 'ReviewOpened', 'DecisionRecorded', 'ReviewApproved']);
    expect(countersign.process.isRunning).toBe(true);
  });

  it("a decision needs a person's own proof", async () => {
    const request = await pendingExport(countersign);
    const payload = decisionOn(request);
    const refusals: readonly [CommandProof, string][] = [
      [await identity(ETL_BOT), 'not_human'],
      [await identity(DEPLOY_BOT), 'not_found'],
      [await identity(CAROL), 'self_approval'],
      [await identity(ALICE, -60_000), 'token_expired'],
      [{ kind: 'identity', token: 'alice, honestly' }, 'token_invalid'],
    ];
    for (const [proof, code] of refusals) {
      await expect(send(RECORD_DECISION, { payload, proof })).rejects.toMatchObject({ code });
    }
    await expectStillPending(request);
  });

  it('a click counts once, for what was clicked, by the service that saw it, within a minute', async () => {
    const request = await pendingExport(countersign);
    const payload = decisionOn(request);
    const other = decisionOn(await pendingExport(countersign));
    const [credentialsKey, minuteAgo] = [
      loadOrCreateKey(keysFolderOf(countersign.dataFolder), 'command-credentials'),
      Date.now() - 65_000,
    ];
    const refusals: readonly [CommandProof, string][] = [
      [await vouch(payload, { nowMs: minuteAgo }), 'proof_expired'],
      [await vouch(other), 'proof_mismatch'],
      [await vouch({ ...payload, decision: 'deny' }), 'proof_mismatch'],
      [await vouch(payload, { natsSubject: CANCEL_REVIEW.natsSubject }), 'proof_mismatch'],
      [await vouch(payload, { audience: 'credentials' }), 'proof_invalid'],
      [await vouch(payload, { service: 'credentials', key: credentialsKey }), 'proof_invalid'],
      [await vouch(payload, { key: credentialsKey }), 'proof_invalid'],
      [await vouch(payload, { channel: { ...CLICK, user: 'U-mallory' } }), 'unknown_principal'],
    ];
    for (const [proof, code] of refusals) {
      await expect(send(RECORD_DECISION, { payload, proof })).rejects.toMatchObject({ code });
    }
    await expectStillPending(request);
    const proof = await vouch(payload);
    await expect(send(RECORD_DECISION, { payload, proof })).resolves.toMatchObject({ approver: 'alice' });
    await expect(send(RECORD_DECISION, { payload, proof })).rejects.toMatchObject({ code: 'proof_replayed' });
  });

  it("a cancellation or a revocation needs the requester's or the owner's own proof", async () => {
    const open = await pendingExport(countersign);
    const cancellation = { requestId: open.id };
    const etlBot = await countersign.api(ETL_BOT);
    const approved = await pendingExport(countersign);
    await approve(await countersign.api(ALICE), approved);
    const revocation = { requestId: approved.id, cause: 'cancelled', reason: 'Mine.' };
    const click = await vouch(cancellation, { natsSubject: CANCEL_REVIEW.natsSubject });
    const refusals: readonly [{ natsSubject: string }, Json, string][] = [
      [CANCEL_REVIEW, { payload: cancellation, proof: await identity(DEPLOY_BOT) }, 'not_found'],
      [CANCEL_REVIEW, { payload: cancellation, proof: click }, 'proof_invalid'],
      [CANCEL_REVIEW, { payload: cancellation, proof: await identity(ETL_BOT, -60_000) }, 'token_expired'],
      [REVOKE_GRANT, { payload: revocation, proof: await identity(DEPLOY_BOT) }, 'not_found'],
      [REVOKE_GRANT, { payload: revocation, proof: await identity(ALICE) }, 'forbidden'],
      [REVOKE_GRANT, { payload: revocation, proof: await vouch(revocation) }, 'proof_invalid'],
      [REVOKE_GRANT, { payload: revocation }, 'invalid_field'],
    ];
    for (const [call, message, code] of refusals) {
      await expect(send(call, message)).rejects.toMatchObject({ code });
    }
    await expectStillPending(open);
    await redeem(etlBot, approved, (await claim(etlBot, approved.id)).token);
  });
});
