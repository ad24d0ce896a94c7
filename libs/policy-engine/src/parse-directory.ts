import { PRINCIPAL_KINDS, type Directory, type RequesterKind } from '@countersign/domain-directory';
import { z } from 'zod';
import type { Diagnostic } from './policy-engine.ts';
import type { PolicyFile } from './policy-set.ts';
import { YamlFile } from './yaml-file.ts';

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@-]*$/, 'must be letters, digits and . _ @ -');
const text = z.string().min(1, 'must not be empty');
const members = z.array(name);
const identities = z.array(z.strictObject({ issuer: text, sub: text }));
const requesterKinds = PRINCIPAL_KINDS.filter((kind): kind is RequesterKind => kind !== 'User');

const chatAccount = z
  .strictObject({ channel: z.enum(['slack', 'teams']), tenant: text, user: text })
  .refine(
    ({ channel, tenant, user }) => channel !== 'teams' || isLowerCase(tenant + user),
    'must have the ids of Entra in lower case, as Teams tells them',
  );

const isLowerCase = (ids: string): boolean => ids === ids.toLowerCase();

const owner = z
  .union(
    [z.strictObject({ person: name }), z.strictObject({ group: name })],
    'must be {person: id} or {group: name}',
  )
  .transform((given) =>
    'person' in given
      ? ({ type: 'User', id: given.person } as const)
      : ({ type: 'Group', id: given.group } as const),
  );

const directoryFile = z.strictObject({
  persons: z.array(
    z.strictObject({
      id: name,
      name: text,
      verified: z.boolean().default(true),
      identities: identities.default([]),
      channels: z.array(chatAccount).default([]),
    }),
  ),
  groups: z.record(name, members),
  requesters: z.array(z.strictObject({ type: z.enum(requesterKinds), id: text, owner, identities })),
  roles: z.record(name, members).default({}),
});

type Path = readonly PropertyKey[];
interface Mention {
  readonly path: Path;
  readonly key: string;
  readonly says: string;
}

const firstIsFine = (file: YamlFile, code: string, mentions: readonly Mention[]): readonly Diagnostic[] => {
  const seen = new Set<string>();
  return mentions.flatMap(({ path, key, says }) => {
    if (seen.has(key)) return [file.diagnostic(code, says, path)];
    seen.add(key);
    return [];
  });
};

const key = (...parts: readonly string[]): string => JSON.stringify(parts);

const duplicateIds = (file: YamlFile, { persons, requesters }: Directory): readonly Diagnostic[] => [
  ...firstIsFine(
    file,
    'duplicate_id',
    persons.map(({ id }, at) => ({
      path: ['persons', at, 'id'],
      key: id,
      says: `Person "${id}" stands here twice.`,
    })),
  ),
  ...firstIsFine(
    file,
    'duplicate_id',
    requesters.map(({ type, id }, at) => ({
      path: ['requesters', at, 'id'],
      key: key(type, id),
      says: `${type} "${id}" stands here twice.`,
    })),
  ),
];

const identityMentions = ({ persons, requesters }: Directory): readonly Mention[] =>
  Object.entries({ persons, requesters }).flatMap(([list, bearers]) =>
    bearers.flatMap((bearer, at) =>
      bearer.identities.map(({ issuer, sub }, nth) => ({
        path: [list, at, 'identities', nth],
        key: key(issuer, sub),
        says: `${sub} of ${issuer} already has a bearer; an identity is one principal's.`,
      })),
    ),
  );

const channelMentions = ({ persons }: Directory): readonly Mention[] =>
  persons.flatMap(({ channels }, at) =>
    channels.map(({ channel, tenant, user }, nth) => ({
      path: ['persons', at, 'channels', nth],
      key: key(channel, tenant, user),
      says: `${channel} user ${user} already has a bearer; an identity is one person's.`,
    })),
  );

/** Workspaces of one organisation share their accounts, so one id in two of them may be one account. */
const slackAccounts = ({ persons }: Directory): readonly Mention[] =>
  persons.flatMap(({ channels }, at) => {
    const users = channels.map(({ channel, user }) => (channel === 'slack' ? user : undefined));
    return users.flatMap((user, nth) =>
      user === undefined || users.indexOf(user) < nth
        ? []
        : [
            {
              path: ['persons', at, 'channels', nth],
              key: key('slack', user),
              says: `slack user ${user} already stands for somebody else, in whatever workspace; an account is one person's.`,
            },
          ],
    );
  });

const unknownMembers = (file: YamlFile, directory: Directory): readonly Diagnostic[] => {
  const persons = new Set(directory.persons.map(({ id }) => id));
  return (['groups', 'roles'] as const).flatMap((list) =>
    Object.entries(directory[list]).flatMap(([group, ids]) =>
      ids.flatMap((id, at) =>
        persons.has(id)
          ? []
          : [file.diagnostic('unknown_person', `"${id}" is no person of this directory.`, [list, group, at])],
      ),
    ),
  );
};

const unknownOwners = (file: YamlFile, directory: Directory): readonly Diagnostic[] =>
  directory.requesters.flatMap(({ type, id, owner: { type: ownerType, id: ownerId } }, at) => {
    const known =
      ownerType === 'User'
        ? directory.persons.some((person) => person.id === ownerId)
        : Object.hasOwn(directory.groups, ownerId);
    return known
      ? []
      : [
          file.diagnostic(
            'unknown_owner',
            `${type} "${id}" is owned by "${ownerId}", which this directory lacks.`,
            ['requesters', at, 'owner'],
          ),
        ];
  });

export interface ParsedDirectory {
  readonly directory?: Directory;
  readonly diagnostics: readonly Diagnostic[];
}

/** `directory.yaml`: persons, groups, requesters and roles, with every inconsistency found. */
export const parseDirectory = (source: PolicyFile): ParsedDirectory => {
  const file = new YamlFile(source);
  const parsed = file.parse(directoryFile);
  if (!('value' in parsed)) return parsed;
  const directory: Directory = parsed.value;
  const diagnostics = [
    ...duplicateIds(file, directory),
    ...firstIsFine(file, 'duplicate_identity', [
      ...identityMentions(directory),
      ...channelMentions(directory),
    ]),
    ...firstIsFine(file, 'duplicate_identity', slackAccounts(directory)),
    ...unknownMembers(file, directory),
    ...unknownOwners(file, directory),
  ];
  return { directory, diagnostics };
};
