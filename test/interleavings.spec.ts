import { evaluateRequest, UNEVALUATED, verifyApproval, type ReviewEvent } from '@countersign/domain-review';
import { foldThread, isTerminal, statusOf } from '@countersign/domain-thread';
import type { DomainEvent } from '@countersign/kernel';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandsOf, REQUEST } from './interleavings/commands.ts';
import { explore, type Exploration, type Node } from './interleavings/explore.ts';

const person = (id: string) => ({ id, name: id, verified: true, identities: [], channels: [] });

const opening = (): readonly ReviewEvent[] => {
  const outcome = evaluateRequest(
    {
      request: REQUEST,
      evaluation: {
        kind: 'permit',
        policySetDigest: 'set-1',
        directoryDigest: 'directory-1',
        detail: 'two owners of the data',
        policies: [],
        errors: [],
        catalogue: {},
        claims: [],
        obligations: {
          groups: [{ group: 'data-owners', quorum: 2 }],
          expiresInMs: 3_600_000,
          grantTtlMs: 300_000,
          channels: ['log'],
          controls: [],
          enforcement: 'advisory',
        },
      },
      directory: {
        persons: [person('alice'), person('bob')],
        groups: { 'data-owners': ['alice', 'bob'] },
        requesters: [{ type: 'Agent', id: 'etl-bot', owner: { type: 'User', id: 'carol' }, identities: [] }],
        roles: {},
      },
      now: REQUEST.requestedAt,
    },
    UNEVALUATED,
  );
  return outcome.kind === 'decided' ? outcome.events : [];
};

/** Two replicas; the second one's clock lags by 90 seconds. */
const replicas = (): ReturnType<typeof commandsOf> => {
  const [one, two] = [commandsOf('one', 0), commandsOf('two', 90_000)];
  const named = (name: string, commands: typeof one) =>
    Object.entries(commands).map(([command, run]) => [`${name} ${command}`, run] as const);
  return Object.fromEntries([...named('one', one), ...named('two', two)]);
};

const REVIEW_ENDS = ['ReviewApproved', 'ReviewDenied', 'ReviewExpired', 'ReviewCancelled'];
const GRANT_ENDS = ['GrantRedeemed', 'GrantRevoked', 'GrantExpired'];
const count = (events: readonly DomainEvent[], types: readonly string[]): number =>
  events.filter(({ type }) => types.includes(type)).length;
const threadOf = ({ loaded }: Node) => foldThread({ request: REQUEST, ...loaded });

/** The commands that led here: what a failure prints. */
const wayTo = (node: Node): string =>
  node.parent === undefined ? 'asked' : `${wayTo(node.parent)} → ${node.by}`;

describe('all interleavings of two replicas that decide, cancel, expire, claim, revoke and redeem', () => {
  let explored: Exploration;
  const everywhere = (holds: (node: Node) => boolean): readonly string[] =>
    explored.nodes.filter((node) => !holds(node)).map(wayTo);

  beforeAll(async () => {
    explored = await explore(opening(), replicas());
  });

  it('were really many, and met conflicts', () => {
    expect(explored.nodes.length).toBeGreaterThan(400);
    expect(explored.conflicts).toBeGreaterThan(10_000);
  });

  it('reach every end', () => {
    const ends = new Set(explored.leaves.map((leaf) => statusOf(threadOf(leaf))));
    expect([...ends].toSorted()).toEqual(
      ['cancelled', 'denied', 'expired', 'grant_expired', 'revoked', 'succeeded'].toSorted(),
    );
  });

  it('never end a review twice', () => {
    expect(everywhere(({ loaded }) => count(loaded.review, REVIEW_ENDS) <= 1)).toEqual([]);
  });

  it('never end a grant twice: at most one redemption, none after a revocation or an expiry', () => {
    expect(everywhere(({ loaded }) => count(loaded.grant, GRANT_ENDS) <= 1)).toEqual([]);
  });

  it('never open, let alone redeem, a grant without a proven approval', () => {
    const isProven = ({ loaded }: Node): boolean =>
      loaded.grant.length === 0 || verifyApproval(REQUEST, loaded.review).approval.approvers.length === 2;
    expect(everywhere(isProven)).toEqual([]);
  });

  it('never run anything that was denied, cancelled or expired', () => {
    const runs = ['redeemed', 'succeeded', 'failed', 'unreported'];
    const isSafe = ({ loaded }: Node): boolean =>
      count(loaded.review, ['ReviewDenied', 'ReviewCancelled', 'ReviewExpired']) === 0 ||
      !runs.includes(statusOf(threadOf({ loaded } as Node)));
    expect(everywhere(isSafe)).toEqual([]);
  });

  it('let the version grow with every append', () => {
    const grows = (node: Node): boolean =>
      node.parent === undefined || threadOf(node).version > threadOf(node.parent).version;
    expect(everywhere(grows)).toEqual([]);
  });

  it('never leave a terminal status, but for one late report', () => {
    const stays = (node: Node): boolean => {
      const before = node.parent && statusOf(threadOf(node.parent));
      return before === undefined || !isTerminal(before) || before === 'unreported';
    };
    expect(everywhere(stays)).toEqual([]);
  });

  it('leave no request stuck: where nothing can follow, it has ended', () => {
    expect(explored.leaves.filter((leaf) => !isTerminal(statusOf(threadOf(leaf)))).map(wayTo)).toEqual([]);
  });
});
