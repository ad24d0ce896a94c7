import type { Json } from '@countersign/kernel';
import { MAX_REFUSED_ATTEMPTS, type Caller } from '@countersign/service-host';
import { describe, expect, it } from 'vitest';
import {
  acmeFiles,
  agent,
  BULK_EXPORT,
  EXPORT,
  person,
  PolicyWorld,
  ROTATE,
  type Replica,
} from '../spec-helpers.ts';
import { deciderByToken } from './decider.ts';

const QUARTER_MS = 15 * 60_000;

interface Given {
  readonly decision?: 'approve' | 'deny';
  readonly on?: string;
  readonly shown?: string;
  readonly replica?: Replica;
}

const setUp = async (body: Json = EXPORT) => {
  const world = await PolicyWorld.with();
  const id = await world.submit(body);
  const digest = await world.digestOf(id);
  const decide = (by: Caller, given: Given = {}) => {
    const { decision = 'approve', on = id, shown = digest, replica = world.replica() } = given;
    const command = { requestId: on, decision, reason: 'seen', digest: shown };
    return replica.recordDecision.record(command, deciderByToken(by));
  };
  return { world, id, digest, decide };
};

const refusal = (code: string, reason: string) => ({ code, members: { reason } });

const without = (id: string, group: string) => (content: string) =>
  content.replace(new RegExp(`${group}: \\[([^\\]]*)\\]`), (line) =>
    line.replace(new RegExp(`${id},? ?`), ''),
  );

const suspended = (id: string) => (content: string) =>
  content.replace(`  - id: ${id}\n`, `  - id: ${id}\n    verified: false\n`);

describe('RecordDecision', () => {
  it('records a decision with its conclusion in one append, on a review that nobody evaluated yet', async () => {
    const { world, id, decide } = await setUp();
    await expect(decide(person('alice'))).resolves.toMatchObject({
      isNew: true,
      view: { requestId: id, approver: 'alice', decision: 'approve', status: 'approved' },
    });
    const events = await world.review(id);
    expect(events.map(({ type }) => type)).toEqual([
      'PolicyEvaluated',
      'ReviewOpened',
      'DecisionRecorded',
      'ReviewApproved',
    ]);
    const [, , recorded, approved] = events;
    expect(recorded?.metadata.signature).toEqual(approved?.metadata.signature);
    expect(recorded?.metadata.actor).toMatchObject({ type: 'User', id: 'alice', via: { channel: 'api' } });
  });

  it('counts persons: two of them where two are asked for', async () => {
    const { world, id, decide } = await setUp(BULK_EXPORT);
    await expect(decide(person('alice'))).resolves.toMatchObject({ view: { status: 'pending' } });
    await expect(decide(person('bob'))).resolves.toMatchObject({ view: { status: 'approved' } });
    expect((await world.review(id)).at(-1)?.data).toMatchObject({ approvers: ['alice', 'bob'] });
  });

  it('ends with one denial', async () => {
    const { world, id, decide } = await setUp(BULK_EXPORT);
    await decide(person('alice'));
    await expect(decide(person('bob'), { decision: 'deny' })).resolves.toMatchObject({
      view: { status: 'denied' },
    });
    expect((await world.review(id)).at(-1)?.data).toMatchObject({
      cause: 'approver_denied',
      approver: 'bob',
    });
  });

  it('answers the same decision again as the first time, after the end too', async () => {
    const { world, id, decide } = await setUp(BULK_EXPORT);
    const first = await decide(person('alice'));
    await decide(person('bob'), { decision: 'deny' });
    const before = await world.reviewTypes(id);
    await expect(decide(person('alice'))).resolves.toEqual({ isNew: false, view: first.view });
    expect(await world.reviewTypes(id)).toEqual(before);
  });

  it('answers 404 to automata other than the requester, as for a request that does not exist', async () => {
    const { world, id, decide } = await setUp();
    const unknown = decide(agent('deploy-bot'), { on: '99999999-9999-4999-8999-999999999999' });
    const { code, message } = (await unknown.catch((error: unknown) => error)) as Error & { code: string };
    expect(code).toBe('not_found');
    await expect(decide(agent('deploy-bot'))).rejects.toMatchObject({ code, message });
    expect(await world.attempts(id)).toEqual([]);
  });
});

describe('RecordDecision refuses, and records', () => {
  it('the requester: it is no person', async () => {
    const { world, id, decide } = await setUp();
    await expect(decide(agent('etl-bot'))).rejects.toMatchObject(refusal('not_human', 'not_human'));
    expect(await world.attempts(id)).toEqual(['not_human']);
  });

  it('a person who is suspended by now, whatever their token says', async () => {
    const { world, id, decide } = await setUp();
    await world.activate(await acmeFiles({ 'directory.yaml': suspended('alice') }));
    await expect(decide(person('alice'))).rejects.toMatchObject(refusal('not_eligible', 'not_verified'));
    expect(await world.attempts(id)).toEqual(['not_verified']);
  });

  it('the initiator', async () => {
    const { world, decide } = await setUp();
    const subject = { type: 'Pipeline', id: 'release', properties: { initiator: 'carol' } };
    const id = await world.submit(ROTATE, subject);
    const shown = await world.digestOf(id);
    await expect(decide(person('carol'), { on: id, shown })).rejects.toMatchObject(
      refusal('self_approval', 'is_initiator'),
    );
    await expect(decide(person('bob'), { on: id, shown })).resolves.toMatchObject({ isNew: true });
    expect(await world.attempts(id)).toEqual(['is_initiator']);
  });

  it('the owner, also the one who became it after the review was opened', async () => {
    const { world, id, decide } = await setUp();
    await expect(decide(person('carol'))).rejects.toMatchObject(refusal('self_approval', 'is_owner'));
    await world.activate(
      await acmeFiles({
        'directory.yaml': (content) =>
          content.replace('owner: { person: carol }', 'owner: { person: alice }'),
      }),
    );
    await expect(decide(person('alice'))).rejects.toMatchObject(refusal('self_approval', 'is_owner'));
    await expect(decide(person('carol'))).rejects.toMatchObject(refusal('self_approval', 'is_owner'));
    expect(await world.attempts(id)).toEqual(['is_owner', 'is_owner', 'is_owner']);
  });

  it('somebody of no required group, and who has left it since', async () => {
    const { world, id, decide } = await setUp();
    await expect(decide(person('dave'))).rejects.toMatchObject(refusal('not_eligible', 'not_in_group'));
    await world.activate(await acmeFiles({ 'directory.yaml': without('alice', 'data-owners') }));
    await expect(decide(person('alice'))).rejects.toMatchObject(refusal('not_eligible', 'not_in_group'));
    expect(await world.attempts(id)).toEqual(['not_in_group', 'not_in_group']);
  });

  it('a decision on another action than the one under review', async () => {
    const { decide } = await setUp();
    await expect(decide(person('alice'), { shown: 'A'.repeat(43) })).rejects.toMatchObject({
      ...refusal('digest_mismatch', 'digest_mismatch'),
      field: 'digest',
    });
  });

  it('a second, different decision of the same person', async () => {
    const { decide } = await setUp(BULK_EXPORT);
    await decide(person('alice'));
    await expect(decide(person('alice'), { decision: 'deny' })).rejects.toMatchObject(
      refusal('already_decided', 'already_decided'),
    );
  });

  it('a decision after the end', async () => {
    const { decide } = await setUp();
    await decide(person('alice'), { decision: 'deny' });
    await expect(decide(person('bob'))).rejects.toMatchObject(refusal('review_closed', 'review_closed'));
  });

  it('a decision at the deadline, though nobody has appended the expiry yet; it is appended then', async () => {
    const { world, id, decide } = await setUp();
    await world.replica().ensureEvaluated.ensure(id);
    world.clock.advance(QUARTER_MS - 1);
    await expect(decide(agent('etl-bot'))).rejects.toMatchObject({ code: 'not_human' });
    world.clock.advance(1);
    await expect(decide(person('alice'))).rejects.toMatchObject(refusal('review_closed', 'too_late'));
    expect((await world.review(id)).at(-1)).toMatchObject({
      type: 'ReviewExpired',
      data: { cause: 'undeliverable' },
    });
    await expect(decide(person('alice'))).rejects.toMatchObject(refusal('review_closed', 'review_closed'));
  });

  it.each([
    ['no person, before the digest', agent('etl-bot'), 'not_human'],
    ['owner, before group and digest', person('carol'), 'is_owner'],
    ['group, before the digest', person('dave'), 'not_in_group'],
    ['digest, before the end', person('alice'), 'digest_mismatch'],
  ])('in order: %s', async (_what, by, reason) => {
    const { decide } = await setUp();
    await decide(person('bob'), { decision: 'deny' });
    await expect(decide(by, { shown: 'A'.repeat(43) })).rejects.toMatchObject({ members: { reason } });
  });

  it('twenty times, and counts what comes after', async () => {
    const { world, id, decide } = await setUp();
    const replica: Replica = world.replica();
    for (let attempt = 0; attempt < MAX_REFUSED_ATTEMPTS + 5; attempt += 1) {
      await expect(decide(person('dave'), { replica })).rejects.toMatchObject({ code: 'not_eligible' });
    }
    expect(await world.attempts(id)).toHaveLength(MAX_REFUSED_ATTEMPTS);
    expect(world.counts.filter(({ metric }) => metric === 'refusedAttempts')).toHaveLength(25);
    await expect(decide(person('alice'), { replica })).resolves.toMatchObject({ isNew: true });
  });
});

describe('refused attempts', () => {
  it('are recorded each, also where they come at once', async () => {
    const { world, id, decide } = await setUp();
    const replica = world.replica();
    const refusals = ['dave', 'carol', 'dave'].map((by) => decide(person(by), { replica }));
    expect((await Promise.allSettled(refusals)).map(({ status }) => status)).not.toContain('fulfilled');
    expect([...(await world.attempts(id))].map(String).toSorted()).toEqual([
      'is_owner',
      'not_in_group',
      'not_in_group',
    ]);
  });
});

describe('a forged decision', () => {
  it('stops the review and raises the alarm: nothing is concluded from it', async () => {
    const { world, id, digest, decide } = await setUp(BULK_EXPORT);
    await decide(person('alice'));
    const [, , recorded] = await world.review(id);
    await world.forge(`review-${id}`, {
      type: 'DecisionRecorded',
      data: { ...recorded?.data, approver: 'dave', groups: ['data-owners'], digest },
    });
    await expect(decide(person('bob'))).rejects.toMatchObject({ code: 'signature_invalid' });
    expect((await world.reviewTypes(id)).at(-1)).toBe('DecisionRecorded');
    expect(world.counts).toContainEqual({ metric: 'alarms', attributes: { code: 'signature_invalid' } });
  });
});
