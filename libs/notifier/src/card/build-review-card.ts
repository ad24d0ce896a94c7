import { enforcementOffered, redeemerOf, type ActionRequested } from '@countersign/domain-action';
import {
  admittedGroups,
  deriveQuorum,
  recordOf,
  type Review,
  type ReviewRecord,
} from '@countersign/domain-review';
import { statusOf, type Thread } from '@countersign/domain-thread';
import type { Json } from '@countersign/kernel';
import { cardOutcome } from './card-outcome.ts';
import { claimsRead } from './claims-read.ts';
import type { CardRequirement, ReviewCard } from './review-card.ts';

/**
 * The version of the card that a thread shows: its own, save that opening a grant and issuing its token
 * change nothing that a reviewer sees.
 */
export const cardVersionOf = ({ grant, version }: Pick<Thread, 'grant' | 'version'>): number => {
  if (grant.status !== 'open') return version;
  return version - (grant.token === undefined ? 1 : 2);
};

/** What a card shows besides the request's thread. */
export interface CardSurroundings {
  readonly isDevelopment: boolean;
  readonly answerAs?: string | undefined;
  /** Where people read the request besides. */
  readonly link?: string | undefined;
}

/** The card of a request that people were asked about; undefined for one that policy settled alone. */
export const buildReviewCard = (
  thread: Thread,
  { isDevelopment, answerAs, link }: CardSurroundings,
): ReviewCard | undefined => {
  const { request, review } = thread;
  const record = recordOf(review);
  if (record === undefined) return undefined;
  const outcome = cardOutcome(thread);
  return {
    requestId: request.requestId,
    digest: request.digest,
    version: cardVersionOf(thread),
    status: statusOf(thread),
    isDevelopment,
    ...whoAsks(request, record),
    ...whatRuns(request),
    ...whatIsSaid(request, review),
    ...whoDecides(record),
    requestedAt: request.requestedAt,
    ...(outcome && { outcome }),
    ...(answerAs !== undefined && { answerAs }),
    ...(link !== undefined && { link }),
  };
};

type Request = ActionRequested['data'];

const whoAsks = ({ subject }: Request, { opened }: ReviewRecord) => ({
  requester: { type: subject.type, id: subject.id },
  owner: opened.owner,
  ...(opened.initiator !== undefined && { initiator: opened.initiator }),
});

const whatRuns = (request: Request) => ({
  action: request.action,
  resource: { type: request.resource.type, id: request.resource.id },
  ...argvOf(request.context['command']),
  redeemer: redeemerOf(request),
  enforcement: enforcementOffered(request),
});

const isString = (value: Json): value is string => typeof value === 'string';

const argvOf = (command: Json | undefined): Pick<ReviewCard, 'command'> =>
  Array.isArray(command) && command.every(isString) ? { command } : {};

const textOf = (name: 'impact' | 'destination', value: Json | undefined) =>
  typeof value === 'string' ? { [name]: value } : {};

/** Intake checks the types of well-known members; whatever else stands in their place is shown with the rest. */
const whatIsSaid = ({ subject, action, resource, context }: Request, review: Review) => {
  const { justification, ...others } = context;
  const shown = {
    ...textOf('impact', others['impact']),
    ...textOf('destination', others['destination']),
  };
  const elsewhere: object = { ...shown, ...argvOf(others['command']) };
  const { initiator: _verified, ...requesterProperties } = subject.properties;
  const { catalogue = {}, claims = [] } = 'evaluation' in review ? review.evaluation : {};
  return {
    catalogue,
    justification,
    ...shown,
    details: Object.fromEntries(Object.entries(others).filter(([name]) => !Object.hasOwn(elsewhere, name))),
    requesterProperties,
    resourceProperties: resource.properties,
    claimsRead: claimsRead({ subject, action, resource, context }, claims),
  };
};

const whoDecides = (record: ReviewRecord) => {
  const { opened, decisions } = record;
  return {
    policies: opened.policies,
    controls: opened.controls,
    ...(opened.risk !== undefined && { risk: opened.risk }),
    requirements: opened.requirements.map((requirement): CardRequirement => ({
      ...requirement,
      alternatives: admittedGroups(requirement, record.escalatedAt).slice(1),
    })),
    decisions: decisions.map(({ approver, decision, reason, via, decidedAt }) => ({
      approver,
      decision,
      reason,
      via,
      decidedAt,
    })),
    vacant: deriveQuorum(record).vacant,
    ...(opened.decideVia !== undefined && { decideVia: opened.decideVia }),
    expiresAt: opened.expiresAt,
  };
};
