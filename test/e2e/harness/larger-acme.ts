import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEVELOPMENT_ISSUER } from '@countersign/keys-file';
import { parse, stringify } from 'yaml';

const { issuer } = DEVELOPMENT_ISSUER;

interface DirectoryFile {
  readonly persons: { readonly id: string; readonly identities: object[] }[];
  readonly groups: Record<string, string[]>;
  readonly requesters: object[];
}

/** Owned by a suspended person. */
export const ERIN_BOT = 'Agent::"erin-bot"';
/** Suspended, a data owner otherwise. */
export const ERIN = 'User::"erin"';
/** In no group, owner of nothing. */
export const FRANK = 'User::"frank"';
/** Alice by another account. */
export const ALICE_AT_WORK = 'User::"alice-at-work"';

const SCHEMA = `
action "data.sample", "data.lend"
  appliesTo { principal: [Agent, Pipeline, Service], resource: [Dataset] };
`;

const policy = (id: string, action: string, times: string): string => `
@id("${id}")
@description("For what has to be over soon")
@require_approval("data-owners")
@quorum("1")
${times}
permit (principal, action == Action::"${action}", resource is Dataset);
`;

const editText = (folder: string, file: string, edit: (text: string) => string): void => {
  const path = join(folder, file);
  writeFileSync(path, edit(readFileSync(path, 'utf8')));
};

const editDirectory = (text: string): string => {
  const directory = parse(text) as DirectoryFile;
  directory.persons.find(({ id }) => id === 'alice')?.identities.push({ issuer, sub: ALICE_AT_WORK });
  directory.persons.push(
    Object.assign({ id: 'erin', identities: [{ issuer, sub: ERIN }] }, { name: 'Erin', verified: false }),
    Object.assign({ id: 'frank', identities: [{ issuer, sub: FRANK }] }, { name: 'Frank' }),
  );
  directory.groups['data-owners']?.push('erin');
  directory.requesters.push({
    type: 'Agent',
    id: 'erin-bot',
    owner: { person: 'erin' },
    identities: [{ issuer, sub: ERIN_BOT }],
  });
  return stringify(directory);
};

/** The sample organisation and whom else a test needs; `data.sample` is reviewed within 1 s, `data.lend` run within 1 s. */
export const enlargeAcme = (folder: string): void => {
  editText(folder, 'directory.yaml', editDirectory);
  editText(folder, 'schema.cedarschema', (text) => text + SCHEMA);
  const soon = [
    // Nobody is told: within a second a busy machine might not have told anybody, and that ends otherwise.
    policy('sample-soon', 'data.sample', '@expires_in("1s")'),
    policy('lend-soon', 'data.lend', '@grant_ttl("1s")\n@notify("log")'),
  ];
  writeFileSync(join(folder, 'soon.cedar'), soon.join('\n'));
};
