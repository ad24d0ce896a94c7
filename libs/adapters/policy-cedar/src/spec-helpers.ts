import type { PrivilegedAction } from '@countersign/domain-action';
import type { JsonObject } from '@countersign/kernel';
import { parsePolicySet, type LoadedPolicies } from '@countersign/policy-engine';
import { CedarPolicyEngine, type CedarPolicyEngineOptions } from './cedar-policy-engine.ts';

const SCHEMA = `entity Group;
entity User in [Group];
entity Agent, Pipeline = { owner?: User, ownerGroup?: Group, initiator?: User };
entity Dataset = { environment?: String, size?: Long };
action "export" appliesTo { principal: [Agent, Pipeline], resource: [Dataset], context: { rows?: Long } };
`;
const DIRECTORY = `persons:
  - { id: alice, name: Alice }
  - { id: bob, name: Bob }
groups: { owners: [alice, bob], ops: [bob] }
requesters:
  - { type: Agent, id: bot, owner: { person: alice }, identities: [] }
  - { type: Pipeline, id: ci, owner: { group: ops }, identities: [] }
`;
const RESOURCES = `trusted: [environment]
resources:
  - { type: Dataset, id: 'prod-*', attributes: { environment: prod } }
`;

/** Files over a small set whose one policy file is `a.cedar`. */
export const loadWith = (
  policies: string,
  files: Readonly<Record<string, string>> = {},
  options?: CedarPolicyEngineOptions,
): LoadedPolicies => {
  const all = {
    'a.cedar': policies,
    'schema.cedarschema': SCHEMA,
    'directory.yaml': DIRECTORY,
    'resources.yaml': RESOURCES,
    ...files,
  };
  const set = parsePolicySet(Object.entries(all).map(([path, content]) => ({ path, content })));
  return new CedarPolicyEngine(options).load(set);
};

interface Asked {
  readonly subject?: PrivilegedAction['subject'];
  readonly action?: PrivilegedAction['action'];
  readonly resource?: PrivilegedAction['resource'];
  readonly context?: JsonObject;
}

/** `Agent::"bot"` exports `Dataset::"prod-1"`, unless asked otherwise. */
export const request = ({ subject, action, resource, context }: Asked = {}): PrivilegedAction => ({
  subject: subject ?? { type: 'Agent', id: 'bot', properties: {} },
  action: action ?? { name: 'export', properties: {} },
  resource: resource ?? { type: 'Dataset', id: 'prod-1', properties: {} },
  context: { justification: 'because', ...context },
});
