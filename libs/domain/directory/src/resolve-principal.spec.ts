import { describe, expect, it } from 'vitest';
import type { Directory, Identity } from './directory.ts';
import { groupsOf, hasRole, indexDirectory, membersOf, ownerOf } from './directory-index.ts';
import { lacksInitiator, resolveChannelIdentity, resolvePrincipal } from './resolve-principal.ts';

const at = (sub: string): Identity => ({ issuer: 'https://idp.example', sub });

const directory: Directory = {
  persons: [
    { id: 'alice', name: 'Alice', verified: true, identities: [at('alice'), at('alice-2')], channels: [] },
    {
      id: 'bob',
      name: 'Bob',
      verified: true,
      identities: [at('bob')],
      channels: [{ channel: 'slack', tenant: 'T1', user: 'U1' }],
    },
    { id: 'eve', name: 'Eve', verified: false, identities: [at('eve')], channels: [] },
  ],
  groups: { platform: ['bob', 'bob', 'alice'], 'data-owners': ['alice'] },
  requesters: [
    { type: 'Agent', id: 'etl', owner: { type: 'User', id: 'bob' }, identities: [at('etl')] },
    { type: 'Pipeline', id: 'ci', owner: { type: 'Group', id: 'platform' }, identities: [at('ci')] },
  ],
  roles: { auditors: ['bob', 'eve'] },
};
const index = indexDirectory(directory);
const refusal = (identity: Identity, initiator?: Identity) => {
  const resolution = resolvePrincipal(index, identity, initiator);
  return resolution.kind === 'refused' ? resolution.refusal : 'resolved';
};

describe('resolvePrincipal', () => {
  it('finds one person behind each of their identities', () => {
    const first = resolvePrincipal(index, at('alice'));
    expect(first).toEqual({
      kind: 'resolved',
      principal: { kind: 'person', ref: { type: 'User', id: 'alice' }, verified: true },
    });
    expect(resolvePrincipal(index, at('alice-2'))).toEqual(first);
  });

  it.each([at('Alice'), at('alice '), at('alicе'), { issuer: 'https://idp.example/', sub: 'alice' }])(
    'compares issuer and sub byte for byte: $issuer $sub is nobody',
    (identity) => expect(refusal(identity)).toBe('unknown_principal'),
  );

  it('keeps issuer and sub apart', () => {
    expect(refusal({ issuer: 'https://idp.example","alice', sub: '' })).toBe('unknown_principal');
  });

  it('names the initiator by directory id', () => {
    expect(resolvePrincipal(index, at('ci'), at('alice-2'))).toMatchObject({
      principal: { kind: 'requester', owner: { type: 'Group', id: 'platform' }, initiator: 'alice' },
    });
  });

  it.each([
    ['an initiator nobody knows', at('etl'), at('mallory'), 'unknown_initiator'],
    ['an initiator who is a machine', at('etl'), at('ci'), 'unknown_initiator'],
    ['a suspended initiator', at('etl'), at('eve'), 'initiator_not_verified'],
    ["a person's token that names an actor", at('alice'), at('bob'), 'delegated_person'],
    ['a person-owned requester alone', at('etl'), undefined, 'resolved'],
  ] as const)('answers %s', (_who, identity, initiator, expected) => {
    expect(refusal(identity, initiator)).toBe(expected);
  });

  it.each([
    ['a group-owned requester alone lacks its initiator', at('ci'), undefined, true],
    ['a group-owned requester with its initiator asks', at('ci'), at('alice'), false],
    ['a person-owned requester asks alone', at('etl'), undefined, false],
  ] as const)('%s', (_rule, identity, initiator, expected) => {
    const resolution = resolvePrincipal(index, identity, initiator);
    const principal = resolution.kind === 'resolved' ? resolution.principal : undefined;
    expect(principal?.kind === 'requester' && lacksInitiator(principal)).toBe(expected);
  });

  it('resolves a suspended person as not verified', () => {
    expect(resolvePrincipal(index, at('eve'))).toMatchObject({ principal: { verified: false } });
  });

  it('finds the person behind a chat account, and only there', () => {
    expect(resolveChannelIdentity(index, { channel: 'slack', tenant: 'T1', user: 'U1' })?.ref.id).toBe('bob');
    expect(resolveChannelIdentity(index, { channel: 'teams', tenant: 'T1', user: 'U1' })).toBeUndefined();
    expect(resolveChannelIdentity(index, { channel: 'slack', tenant: 'T2', user: 'U1' })).toBeUndefined();
  });
});

describe('directory look-ups', () => {
  it('lists the groups of a person once each, sorted', () => {
    expect(groupsOf(index, 'alice')).toEqual(['data-owners', 'platform']);
    expect(groupsOf(index, 'bob')).toEqual(['platform']);
    expect(groupsOf(index, 'stranger')).toEqual([]);
  });

  it('knows no inherited names', () => {
    expect(membersOf(index, 'constructor')).toEqual([]);
    expect(hasRole(index, 'bob', 'toString')).toBe(false);
  });

  it('gives a suspended person no role', () => {
    expect(hasRole(index, 'bob', 'auditors')).toBe(true);
    expect(hasRole(index, 'eve', 'auditors')).toBe(false);
  });

  it('knows whose a requester is', () => {
    expect(ownerOf(index, { type: 'Agent', id: 'etl' })).toEqual({ type: 'User', id: 'bob' });
    expect(ownerOf(index, { type: 'Pipeline', id: 'etl' })).toBeUndefined();
  });
});
