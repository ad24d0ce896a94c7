import { bindAction, type ActionRequested } from '@countersign/domain-action';
import { evaluateRequest, UNEVALUATED, type Evaluation, type ReviewEvent } from '@countersign/domain-review';
import type { Directory } from '@countersign/domain-directory';
import { plusMs, type Timestamp } from '@countersign/kernel';
import {
  BOT,
  ESCALATES_AT,
  GRANT_LIVES,
  GROUPS,
  INITIATOR,
  OWNER,
  PERSONS,
  REVIEW_ENDS_AT,
  SUSPENDED,
  type Scenario,
} from './scenario.ts';

export const MINUTE_MS = 60_000;
const REQUESTED_AT = '2026-11-20T10:00:00.000Z';

export const REQUESTER = { type: 'Agent', id: BOT } as const;
export const OWNED_BY = { type: 'User', id: OWNER } as const;
export const EXPORT = {
  action: { name: 'data.export', properties: {} },
  resource: { type: 'Dataset', id: 'customers', properties: {} },
  context: { justification: 'Quarterly report' },
};

const { action, digest } = bindAction({ ...REQUESTER, properties: { initiator: INITIATOR } }, EXPORT);
export const REQUEST: ActionRequested['data'] = {
  ...action,
  requestId: '8b006d2b-1671-56f8-ab06-368a741ce10a',
  digest,
  requestedAt: REQUESTED_AT,
};

export const at = (minute: number): Timestamp => plusMs(REQUESTED_AT, minute * MINUTE_MS);
export const minuteAt = (time: Timestamp): number =>
  (Date.parse(time) - Date.parse(REQUESTED_AT)) / MINUTE_MS;

export const groupsOf = (person: string): readonly string[] =>
  Object.entries(GROUPS).flatMap(([group, persons]) => (persons.includes(person) ? [group] : []));

export const DIRECTORY: Directory = {
  persons: PERSONS.map((id) => ({ id, name: id, verified: id !== SUSPENDED, identities: [], channels: [] })),
  groups: GROUPS,
  requesters: [{ ...REQUESTER, owner: OWNED_BY, identities: [] }],
  roles: {},
};

const FACTS = {
  policySetDigest: 'set-1',
  directoryDigest: 'directory-1',
  policies: [],
  errors: [],
  catalogue: {},
  claims: [],
};

export const permits = ({ requirements }: Scenario): Evaluation => ({
  ...FACTS,
  kind: 'permit',
  detail: 'with approval',
  obligations: {
    groups: requirements.map(({ group, quorum, escalatesTo }) => ({
      group,
      quorum,
      ...(escalatesTo !== undefined && {
        escalation: { afterMs: ESCALATES_AT * MINUTE_MS, to: [escalatesTo] },
      }),
    })),
    expiresInMs: REVIEW_ENDS_AT * MINUTE_MS,
    grantTtlMs: GRANT_LIVES * MINUTE_MS,
    channels: ['log'],
    controls: [],
    enforcement: 'advisory',
  },
});

export const FORBIDS: Evaluation = { ...FACTS, kind: 'deny', reason: 'forbidden', detail: 'no longer' };

/** `PolicyEvaluated` and `ReviewOpened`: where the model starts. */
export const openingOf = (scenario: Scenario): readonly ReviewEvent[] => {
  const outcome = evaluateRequest(
    { request: REQUEST, evaluation: permits(scenario), directory: DIRECTORY, now: REQUESTED_AT },
    UNEVALUATED,
  );
  return outcome.kind === 'decided' ? outcome.events : [];
};
