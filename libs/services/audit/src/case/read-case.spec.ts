import { EventWriter, streamName, type EventStore } from '@countersign/event-store';
import type { Caller } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { FailpointEventStore, Failpoints, refuseAppend, testKeys } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditOver, dave, type Audit } from '../audit-spec-helpers.ts';
import { Story } from '../story-spec-helpers.ts';

const CAROL = { type: 'User', id: 'carol' };
const DEPLOY_BOT = { type: 'Agent', id: 'deploy-bot' };

let world: World;
let audit: Audit;
let auditor: Caller;

beforeEach(async () => {
  world = await World.acme();
  audit = auditOver(world);
  auditor = await dave(world);
});

const whole = async (): Promise<Story> => {
  const story = await Story.begin(world, 1);
  await story.evaluate();
  await story.refuseDecision(CAROL);
  await story.decide('alice');
  await story.claim();
  await story.refuseRedemption(DEPLOY_BOT);
  await story.redeem();
  await story.report();
  return story;
};

const evidence = () => world.events(streamName('evidence', '2026-11-20'));

describe('a case', () => {
  it('tells who asked for what and why, and where it stands', async () => {
    const story = await whole();
    expect(await audit.readCase.read(auditor, story.id)).toMatchObject({
      id: story.id,
      mode: 'development',
      problems: [],
      request: { status: 'succeeded', digest: story.digest, action: { name: 'data.export' } },
      asked: {
        by: { type: 'Agent', id: 'etl-bot' },
        via: { channel: 'api', issuer: 'urn:test', sub: 'Agent::"etl-bot"' },
        owner: { type: 'User', id: 'carol' },
        justification: 'Quarterly report',
        requestedAt: '2026-11-20T10:00:00.000Z',
      },
    });
  });

  it('names the person a claim named as acting through the requester', async () => {
    const story = await Story.begin(world, 1, {
      by: { type: 'Pipeline', id: 'release' },
      initiator: 'carol',
    });
    await story.forbid();
    const { asked } = await audit.readCase.read(auditor, story.id);
    expect(asked).toMatchObject({ initiator: 'carol', owner: { type: 'Group', id: 'platform' } });
  });

  it('shows the policy in the words that were in force, whatever was activated since', async () => {
    const story = await whole();
    const active = await world.policySets.read();
    const files = (active?.set.files ?? []).map(({ path, content }) => ({
      path,
      content: path.endsWith('.cedar')
        ? `// Later words.\n${content.replaceAll('A data owner', 'Nobody')}`
        : content,
    }));
    world.clock.advance(1_000);
    await world.activate(files);
    const { evaluation, problems } = await audit.readCase.read(auditor, story.id);
    expect(problems).toEqual([]);
    expect(evaluation).toMatchObject({
      reason: 'review_required',
      policySetDigest: active?.set.digest,
      catalogue: { environment: 'prod' },
      activated: { by: CAROL, at: '2026-11-20T10:00:00.000Z' },
    });
    const [policy] = evaluation?.policies ?? [];
    const written = active?.set.files.find(({ path }) => path === policy?.file)?.content;
    expect(policy?.text).toMatch(/^@id\("export-needs-data-owner"\)[^]*;$/);
    expect(written).toContain(policy?.text);
  });

  it('tells who decided through what and why, who was refused, who redeemed, and what came of it', async () => {
    const story = await whole();
    const { decisions, refused, grant } = await audit.readCase.read(auditor, story.id);
    expect(decisions).toEqual([
      {
        approver: 'alice',
        decision: 'approve',
        reason: 'I approve this',
        groups: ['data-owners'],
        via: { channel: 'api', issuer: 'urn:countersign:development', sub: 'User::"alice"' },
        decidedAt: '2026-11-20T10:00:03.000Z',
      },
    ]);
    expect(refused).toMatchObject([
      { attempt: 'approve', by: CAROL, refusal: 'not_in_group', via: { channel: 'api' } },
      { attempt: 'redeem', by: DEPLOY_BOT, refusal: 'wrong_executor' },
    ]);
    expect(grant).toMatchObject({
      redeemed: { by: { type: 'Agent', id: 'etl-bot' }, enforcement: 'advisory', jti: 'jti-1' },
      outcome: { status: 'succeeded', exitCode: 0, late: false },
    });
  });

  it('tells who took it back, before the approval and after', async () => {
    const cancelled = await Story.begin(world, 1);
    await cancelled.evaluate();
    await cancelled.cancel();
    expect((await audit.readCase.read(auditor, cancelled.id)).cancelled).toMatchObject({
      by: { type: 'Agent', id: 'etl-bot' },
    });
    const revoked = await Story.begin(world, 2);
    await revoked.evaluate([]);
    await revoked.revoke();
    expect((await audit.readCase.read(auditor, revoked.id)).grant.revoked).toMatchObject({
      by: CAROL,
      cause: 'revoked',
      reason: 'Not today',
    });
  });

  it('proves itself by every event, in the order of commit, with place and key', async () => {
    const story = await whole();
    const { timeline } = await audit.readCase.read(auditor, story.id);
    expect(
      timeline.map(({ type, stream, revision }) => `${type} ${stream.split('-', 1)[0]}@${revision}`),
    ).toEqual([
      'ActionRequested request@0',
      'PolicyEvaluated review@0',
      'ReviewOpened review@1',
      'DecisionRefused reviewattempt@0',
      'DecisionRecorded review@2',
      'ReviewApproved review@3',
      'GrantOpened grant@0',
      'TokenIssued grant@1',
      'RedemptionRefused grantattempt@0',
      'GrantRedeemed grant@2',
      'ExecutionReported grant@3',
    ]);
    expect(timeline.every(({ signatureValid }) => signatureValid)).toBe(true);
    const [stored] = await world.events(streamName('request', story.id));
    expect(timeline[0]).toEqual({ ...stored, signatureValid: true });
  });

  it('of a request that was only made has no more to tell', async () => {
    const story = await Story.begin(world, 1);
    const found = await audit.readCase.read(auditor, story.id);
    expect(found).toMatchObject({ request: { status: 'received' }, decisions: [], refused: [], grant: {} });
    expect(found).not.toHaveProperty('evaluation');
  });
});

/** Signed by a key that is none of the service's, as whoever has the store alone would have to. */
const forge = (
  stream: string,
  store: EventStore,
  revision: 'no-stream' | number,
  type: string,
  data: object,
) =>
  new EventWriter({
    service: stream.startsWith('review') ? 'policy' : 'credentials',
    store,
    signer: { ...testKeys().signer('policy'), kid: 'test-policy' },
    clock: world.clock,
  }).append(stream, revision, [{ type, data }], {
    actor: { type: 'User', id: 'mallory', via: { channel: 'api' } },
    correlationId: 'forged',
  });

describe('a forged event', () => {
  it('is shown as such, and nothing is told from it', async () => {
    const story = await Story.begin(world, 1);
    await story.evaluate();
    await forge(streamName('review', story.id), world.store, 1, 'ReviewApproved', { approvers: 'everybody' });
    const { request, problems, timeline } = await audit.readCase.read(auditor, story.id);
    expect(request?.status).toBe('pending');
    expect(problems).toMatchObject([{ code: 'signature_invalid', stream: streamName('review', story.id) }]);
    expect(timeline.map(({ type, signatureValid }) => [type, signatureValid])).toEqual([
      ['ActionRequested', true],
      ['PolicyEvaluated', true],
      ['ReviewOpened', true],
      ['ReviewApproved', false],
    ]);
  });

  it('is a case of its own where nothing was asked', async () => {
    const id = '00000000-0000-4000-8000-000000000009';
    await forge(streamName('grant', id), world.store, 'no-stream', 'GrantRedeemed', {});
    const found = await audit.readCase.read(auditor, id);
    expect(found).not.toHaveProperty('request');
    expect(found).toMatchObject({ grant: {}, problems: [{ code: 'signature_invalid' }] });
  });

  it('raises the alarm when its case is read', async () => {
    const id = '00000000-0000-4000-8000-000000000009';
    await forge(streamName('grant', id), world.store, 'no-stream', 'GrantRedeemed', {});
    const alarms: unknown[] = [];
    audit.telemetry.metrics.alarms.add = (_count, attributes) => void alarms.push(attributes);
    await audit.readCase.read(auditor, id);
    expect(alarms).toEqual([{ code: 'signature_invalid' }]);
  });
});

describe('who reads a case', () => {
  it.each(['User::"alice"', 'User::"carol"', 'Agent::"etl-bot"'])(
    'is no %s: it gets the answer of a request that does not exist',
    async (who) => {
      const { id } = await whole();
      const caller = await world.caller(who);
      const none = '00000000-0000-4000-8000-000000000099';
      const refusals = await Promise.allSettled([
        audit.readCase.read(caller, id),
        audit.readCase.read(caller, none),
        audit.readCase.read(auditor, none),
      ]);
      const [first] = refusals;
      expect(first).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } });
      expect(new Set(refusals.map((each) => String(Reflect.get(each, 'reason')))).size).toBe(1);
      expect(await evidence()).toEqual([]);
    },
  );

  it('stands on record, before the case is answered', async () => {
    const { id } = await whole();
    const { timeline } = await audit.readCase.read(auditor, id);
    expect(await evidence()).toMatchObject([
      {
        type: 'EvidenceRead',
        data: { by: { type: 'User', id: 'dave' }, what: 'case', requestId: id, events: timeline.length },
        metadata: { service: 'audit', correlationId: id, actor: { type: 'User', id: 'dave' } },
      },
    ]);
  });

  it('is shown nothing where that can not be recorded', async () => {
    const { id } = await whole();
    const failpoints = new Failpoints();
    const failing = auditOver(world, new FailpointEventStore(world.store, failpoints));
    failpoints.arm('before-append', refuseAppend);
    await expect(failing.readCase.read(auditor, id)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await evidence()).toEqual([]);
    await expect(failing.readCase.read(auditor, id)).resolves.toBeDefined();
  });

  it('may be many at once', async () => {
    const { id } = await whole();
    const other = auditOver(world);
    const read = (nth: number) => (nth % 2 === 0 ? audit : other).readCase.read(auditor, id);
    await Promise.all(Array.from({ length: 24 }, (_, nth) => read(nth)));
    expect(await evidence()).toHaveLength(24);
  });
});
