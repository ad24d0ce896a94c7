import { fileURLToPath } from 'node:url';
import { readPolicyFolder, type PolicyFile } from '@countersign/policy-engine';
import {
  BOT,
  ESCALATES_AT,
  GRANT_LIVES,
  GROUPS,
  OWNER,
  PERSONS,
  REVIEW_ENDS_AT,
  SUSPENDED,
  type Requirement,
  type Scenario,
} from './scenario.ts';

const ACME = fileURLToPath(new URL('../../deploy/samples/acme', import.meta.url));
const ISSUER = 'urn:countersign:development';

const identity = (entity: string) => ({ identities: [{ issuer: ISSUER, sub: entity }] });

/** JSON is YAML. */
const DIRECTORY = JSON.stringify({
  persons: PERSONS.map((id) => ({
    id,
    name: id,
    verified: id !== SUSPENDED,
    ...identity(`User::"${id}"`),
  })),
  groups: GROUPS,
  roles: { 'policy-admins': [OWNER] },
  requesters: [{ type: 'Agent', id: BOT, owner: { person: OWNER }, ...identity(`Agent::"${BOT}"`) }],
});

const EXPORTS = 'principal, action == Action::"data.export", resource is Dataset';

const permit = ({ group, quorum, escalatesTo }: Requirement): string => `
@id("needs-${group}")
@description("An export needs ${group}")
@require_approval("${group}")
@quorum("${quorum}")
@expires_in("${REVIEW_ENDS_AT}m")
@grant_ttl("${GRANT_LIVES}m")
${escalatesTo === undefined ? '' : `@escalate_after("${ESCALATES_AT}m") @escalate_to("${escalatesTo}")`}
permit (${EXPORTS});`;

const FORBID = `
@id("no-exports")
@description("No more exports")
forbid (${EXPORTS});`;

/** The sample organisation's schema and catalogue, with this scenario's people and rules. */
const filesWith = async (cedar: string): Promise<readonly PolicyFile[]> => {
  const files = await readPolicyFolder(ACME);
  return [
    ...files.filter(({ path }) => path === 'schema.cedarschema' || path === 'resources.yaml'),
    { path: 'directory.yaml', content: DIRECTORY },
    { path: 'exports.cedar', content: cedar },
  ];
};

export const permittingFiles = ({ requirements }: Scenario): Promise<readonly PolicyFile[]> =>
  filesWith(requirements.map(permit).join('\n'));

export const forbiddingFiles = ({ requirements }: Scenario): Promise<readonly PolicyFile[]> =>
  filesWith([...requirements.map(permit), FORBID].join('\n'));
