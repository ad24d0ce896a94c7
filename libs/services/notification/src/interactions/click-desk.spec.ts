import { CommandProofVerifier } from '@countersign/bus';
import { RECORD_DECISION } from '@countersign/contracts';
import { indexDirectory, type ChannelIdentity } from '@countersign/domain-directory';
import { CodedError, type Json } from '@countersign/kernel';
import { NotifierError, type Click, type ClickDesk } from '@countersign/notifier';
import { readPolicyFolder } from '@countersign/policy-engine';
import { activeDirectory, Lifecycle, SILENT_LOGGER } from '@countersign/service-host';
import { RequestStory, World } from '@countersign/service-testing';
import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryStreams } from '../delivery/delivery-streams.ts';
import { TestBus } from '../spec-helpers.ts';
import { interactionIdOf, InteractionStreams } from './interaction-streams.ts';
import { OpenSheet } from './open-sheet.ts';
import { ReceiveClick } from './receive-click.ts';
import { COMMAND_KEY, SettleClick } from './settle-click.ts';
import { startClickDesk } from './start-click-desk.ts';

const ACME = new URL('../../../../../deploy/samples/acme', import.meta.url).pathname;

const slack = (user: string): ChannelIdentity => ({ channel: 'slack', tenant: 'T1', user });

const linked = (text: string): string =>
  ['Alice Archer', 'Bob Baker', 'Carol Cooper'].reduce((content, name) => {
    const user = `U-${name.split(' ')[0]?.toLowerCase()}`;
    return content.replace(
      `name: ${name}\n`,
      `name: ${name}\n    channels: [{ channel: slack, tenant: T1, user: ${user} }]\n`,
    );
  }, text);

const withSlack = async () =>
  (await readPolicyFolder(ACME)).map((file) =>
    file.path === 'directory.yaml' ? { ...file, content: linked(file.content) } : file,
  );

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = { kid: 'k1', privateKey };

/** Policy, as far as a click goes: checks the proof, and answers what the test says. */
class TestPolicy extends TestBus {
  readonly asked: Json[] = [];
  readonly answers: (() => Json)[] = [];
  readonly #proofs: CommandProofVerifier;

  constructor(world: World) {
    super();
    const keys = { publicKey: () => Promise.resolve(publicKey) };
    this.#proofs = new CommandProofVerifier({
      audience: 'policy',
      issuers: ['notification'],
      keys,
      clock: world.clock,
    });
  }

  override async request(natsSubject?: string, message?: Json): Promise<never> {
    const { payload, proof } = RECORD_DECISION.payload.parse(message);
    if (proof.kind !== 'channel') throw new Error('A click is proven by its channel.');
    const { channel } = await this.#proofs.verify(proof.token, { natsSubject: natsSubject ?? '', payload });
    this.asked.push({ ...payload, by: { ...channel } });
    const { shown: _shown, ...decision } = payload;
    const answer = this.answers.shift()?.() ?? {
      ...decision,
      approver: 'alice',
      decidedAt: '2026-11-20T10:00:00.000Z',
      status: 'approved',
    };
    return answer as never;
  }
}

describe('a click', () => {
  let world: World;
  let policy: TestPolicy;
  let story: RequestStory;
  const objections = new Map<string, () => string | undefined>();
  const running: Lifecycle[] = [];

  beforeEach(async () => {
    world = await World.acme();
    await world.activate(await withSlack());
    policy = new TestPolicy(world);
    story = await RequestStory.begin(world);
    objections.clear();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((lifecycle) => lifecycle.stop(5_000)));
  });

  const startDesk = async (): Promise<ClickDesk> => {
    const lifecycle = new Lifecycle(SILENT_LOGGER);
    const context = { ...world.context('notification'), lifecycle, bus: policy, viewPath: () => ':memory:' };
    const keys = {
      tokenKey: () => Promise.resolve(key),
      signer: () => Promise.reject(new Error(COMMAND_KEY)),
      publicKeys: () => Promise.resolve([]),
    };
    const interactions = new InteractionStreams(context);
    const cards = new DeliveryStreams(context);
    const directory = activeDirectory(context.policySets);
    const objectionTo = async ({ user }: ChannelIdentity) => objections.get(user)?.();
    const desk = startClickDesk(context, {
      receiveClick: new ReceiveClick({ ...context, interactions }),
      settleClick: new SettleClick({
        ...context,
        keys,
        interactions,
        cards,
        directory,
        channels: new Map([['slack', { notifier: { objectionTo } }]]),
      }),
      openSheet: new OpenSheet({ cards, directory, surroundings: async () => ({ isDevelopment: false }) }),
    });
    running.push(lifecycle);
    await lifecycle.start();
    await vi.waitFor(async () => expect(await lifecycle.unready()).toEqual({}), { timeout: 10_000 });
    return desk;
  };

  const click = (changes: Partial<Click> = {}): Click => ({
    identity: slack('U-alice'),
    clickId: 'V1-click',
    requestId: story.id,
    digest: story.request.digest,
    cardVersion: story.thread.version,
    message: 'T1/C1/17.3',
    decision: 'approve',
    reason: 'Agreed with finance',
    sawWhole: true,
    ...changes,
  });

  const typesOf = async (one: Click): Promise<readonly string[]> =>
    (await world.events(`interaction-${interactionIdOf(one)}`)).map(({ type }) => type);

  it('stands in the log before it is acknowledged, and is answered by policy', async () => {
    const desk = await startDesk();
    const { isNew, outcome } = await desk.receive(click());
    expect(isNew).toBe(true);
    expect((await typesOf(click()))[0]).toBe('InteractionReceived');
    expect(await outcome).toMatchObject({ kind: 'decided', status: 'approved' });
    expect(await typesOf(click())).toEqual(['InteractionReceived', 'InteractionAnswered']);
    expect(policy.asked).toEqual([
      {
        requestId: story.id,
        decision: 'approve',
        reason: 'Agreed with finance',
        digest: story.request.digest,
        shown: { message: 'T1/C1/17.3', cardVersion: story.thread.version, sawWhole: true },
        by: { kind: 'slack', tenant: 'T1', user: 'U-alice' },
      },
    ]);
  });

  it('counts once however often it is delivered, also to another replica and after a restart', async () => {
    const [one, other] = [await startDesk(), await startDesk()];
    const first = await one.receive(click());
    const told = await first.outcome;
    for (let times = 0; times < 500; times += 1) {
      const repeated = await (times % 2 === 0 ? one : other).receive(click());
      expect(repeated.isNew).toBe(false);
      expect(await repeated.outcome).toEqual(told);
    }
    await running.splice(0, 1)[0]?.stop(5_000);
    const third = await startDesk();
    for (let times = 0; times < 500; times += 1)
      expect(await (await third.receive(click())).outcome).toEqual(told);
    expect(policy.asked).toHaveLength(1);
    expect(await typesOf(click())).toHaveLength(2);
  });

  it('of somebody else, or another one of the same person, is another click', async () => {
    const desk = await startDesk();
    for (const one of [click(), click({ clickId: 'V2-click' }), click({ identity: slack('U-bob') })])
      expect(await desk.receive(one)).toMatchObject({ isNew: true });
  });

  it.each([
    ['not_eligible', 'You are in none of the groups that decide this.'],
    ['self_approval', 'The requester is yours, so somebody else decides this.'],
    ['review_closed', 'The review has ended.'],
    ['unknown_principal', 'This slack account belongs to no person of the directory.'],
  ])('that policy refuses with %s is told so, exactly, and for good', async (code, message) => {
    policy.answers.push(() => {
      throw new CodedError(code, message);
    });
    const { outcome } = await (await startDesk()).receive(click());
    expect(await outcome).toEqual({ kind: 'refused', code, message });
    expect(await typesOf(click())).toEqual(['InteractionReceived', 'InteractionAnswered']);
  });

  it('on a card that has changed since is not passed on, and who clicked is told what changed', async () => {
    const two = await RequestStory.begin(world, {
      obligations: { groups: [{ group: 'data-owners', quorum: 2 }] },
    });
    const old = click({ requestId: two.id, digest: two.request.digest, cardVersion: two.thread.version });
    await two.approve('bob');
    const { outcome } = await (await startDesk()).receive(old);
    expect(await outcome).toMatchObject({ kind: 'refused', code: 'card_outdated' });
    expect((await outcome).message).toContain('bob chose to approve');
    expect(policy.asked).toEqual([]);
  });

  it('on an old card is for policy where that person has decided already, or the review is over', async () => {
    const old = click();
    await story.approve('alice');
    await (
      await (await startDesk()).receive(old)
    ).outcome;
    expect(policy.asked).toHaveLength(1);
  });

  it('after the end is told what became of the request, and who ended it', async () => {
    const late = click({ identity: slack('U-bob') });
    await story.approve('alice');
    policy.answers.push(() => {
      throw new CodedError('review_closed', 'The review has ended.');
    });
    const { outcome } = await (await startDesk()).receive(late);
    expect(await outcome).toMatchObject({ kind: 'refused', code: 'review_closed' });
    expect((await outcome).message).toMatch(/^The review has ended\. .*approved by alice, since 20/);
  });

  it('by an account that the platform objects to never reaches policy', async () => {
    objections.set('U-alice', () => 'Your Slack account is a guest, and guests decide nothing.');
    const { outcome } = await (await startDesk()).receive(click());
    expect(await outcome).toMatchObject({ kind: 'refused', code: 'account_refused' });
    expect(policy.asked).toEqual([]);
  });

  it.each([
    [
      'policy',
      () =>
        policy.answers.push(() => {
          throw new CodedError('bus_unavailable', 'Away.');
        }),
    ],
    [
      'the platform',
      () =>
        objections.set('U-alice', () => {
          objections.clear();
          throw new NotifierError('channel_unavailable', 'Away.');
        }),
    ],
  ])('waits where %s is away, and is asked again until there is an answer', async (_, goAway) => {
    goAway();
    const desk = await startDesk();
    await desk.receive(click());
    await vi.waitFor(
      async () => {
        world.clock.advance(60_000);
        expect(await typesOf(click())).toHaveLength(2);
      },
      { timeout: 20_000 },
    );
    expect(await (await desk.receive(click())).outcome).toMatchObject({ kind: 'decided' });
  });

  it('that was received by a replica which died is settled by another', async () => {
    const interactions = new InteractionStreams(world.context('notification'));
    await new ReceiveClick({ clock: world.clock, interactions }).receive(click());
    await startDesk();
    await vi.waitFor(async () => expect(await typesOf(click())).toHaveLength(2), { timeout: 10_000 });
    expect(policy.asked).toHaveLength(1);
  });

  it.each([
    ['no reason', { reason: '' }],
    ['a reason without end', { reason: 'x'.repeat(2_001) }],
    ['a digest of another form', { digest: 'abc' }],
    ['no name of its own', { clickId: '' }],
  ])('with %s is refused before it is recorded', async (_, changes) => {
    const desk = await startDesk();
    await expect(desk.receive(click(changes as Partial<Click>))).rejects.toMatchObject({
      code: 'invalid_field',
    });
    expect(await typesOf(click(changes as Partial<Click>))).toEqual([]);
  });

  it('tells how long the card was in view, by the log', async () => {
    const streams = new DeliveryStreams(world.context('notification'));
    const loaded = await streams.loadCards(story.id);
    if (loaded === undefined) throw new Error('Nobody was asked.');
    const version = story.thread.version;
    const at = (ms: number) => new Date(world.clock.nowMs() + ms).toISOString();
    const of = {
      requestId: story.id,
      channel: 'slack:#prod',
      attempt: 1,
      status: 'pending',
      version,
    } as const;
    const { digest } = story.request;
    await streams.append(
      loaded,
      [
        {
          type: 'NotificationAttempted',
          data: { ...of, purpose: 'post', digest, isRepeat: false, attemptedAt: at(0) },
        },
        { type: 'NotificationPosted', data: { ...of, message: 'T1/C1/17.3', postedAt: at(0) } },
      ],
      loaded,
    );
    world.clock.advance(4_200);
    await (
      await (await startDesk()).receive(click())
    ).outcome;
    expect(policy.asked).toMatchObject([{ shown: { inViewMs: 4_200 } }]);
  });
});

describe('the sheet of a request', () => {
  const opener = async () => {
    const world = await World.acme();
    await world.activate(await withSlack());
    const story = await RequestStory.begin(world);
    const context = world.context('notification');
    const open = new OpenSheet({
      cards: new DeliveryStreams(context),
      directory: async () => indexDirectory((await context.policySets.read())!.set.directory),
      surroundings: async () => ({ isDevelopment: false }),
    });
    return { story, open };
  };

  it.each(['U-alice', 'U-bob', 'U-carol'])('is opened for whoever is asked or owns it: %s', async (user) => {
    const { story, open } = await opener();
    expect(await open.open(story.id, slack(user))).toMatchObject({
      kind: 'sheet',
      sheet: { requestId: story.id },
    });
  });

  it('is refused to all others in the same words as one that does not exist', async () => {
    const { story, open } = await opener();
    const refused = await open.open('5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11', slack('U-alice'));
    expect(refused.kind).toBe('refused');
    expect(await open.open(story.id, slack('U-nobody'))).toEqual(refused);
    expect(await open.open(story.id, { ...slack('U-alice'), tenant: 'T2' })).toEqual(refused);
  });
});
