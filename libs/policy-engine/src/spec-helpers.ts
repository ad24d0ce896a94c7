import type { PolicyFile } from './policy-set.ts';

const DIRECTORY = `persons:
  - { id: alice, name: Alice, identities: [{ issuer: i, sub: alice }] }
groups: { owners: [alice] }
requesters:
  - { type: Agent, id: bot, owner: { person: alice }, identities: [{ issuer: i, sub: bot }] }
`;

/** A small valid set; `changed` replaces or adds files by path. */
export const filesWith = (changed: Readonly<Record<string, string>> = {}): readonly PolicyFile[] =>
  Object.entries({
    'a.cedar': 'permit (principal, action, resource);\n',
    'schema.cedarschema': 'entity Agent;\n',
    'directory.yaml': DIRECTORY,
    'resources.yaml': 'trusted: [environment]\nresources: []\n',
    ...changed,
  }).map(([path, content]) => ({ path, content }));
