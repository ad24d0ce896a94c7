import { formatEntity, toEpochMs, visible } from '@countersign/kernel';
import type { CardClaim, CardRequirement, ReviewCard } from '../card/review-card.ts';
import { commandLines } from './command-lines.ts';
import { durationText } from './duration-text.ts';
import type { ReviewSheet, SheetDeadline, SheetRow, SheetSection } from './review-sheet.ts';
import { instantRow, members, names, optionalMembers, optionalRow, prose, row } from './sheet-row.ts';

const SHORT_DIGEST = 12;

/**
 * How a card reads: all of it, as plain text that is safe to be looked at. `kind` of channel it is shown in: where
 * policy takes no decision there, it asks for none.
 */
export const buildReviewSheet = (card: ReviewCard, isRepeat = false, kind?: string): ReviewSheet => ({
  requestId: card.requestId,
  digest: card.digest,
  version: card.version,
  status: card.status,
  heading:
    card.status === 'pending' ? 'A request waits for a decision' : `The request: ${visible(card.status)}`,
  notices: [...modeNotice(card), ...repeatNotice(isRepeat), ...escalationNotice(card)],
  sections: [
    section('request', 'Who asks.', 'verified', requestRows(card)),
    section(
      'action',
      'What runs, word for word. The approval holds for nothing else.',
      'claimed',
      actionRows(card),
    ),
    section(
      'claims',
      'What the requester claims. All of it is bound; nobody has verified it.',
      'claimed',
      claimRows(card),
    ),
    section('catalogue', 'What the organisation knows of the resource.', 'catalogue', [
      members('catalogue', card.catalogue),
    ]),
    section('decision', 'Who decides, and why it is asked.', 'policy', [
      ...policyRows(card),
      ...decisionRows(card),
      ...outcomeRows(card),
    ]),
  ],
  commands: commands(card),
  asks: card.status === 'pending' && maySay(card, kind),
  ...(card.risk !== undefined && { risk: visible(card.risk) }),
  ...(card.status === 'pending' && { deadline: deadlineOf(card) }),
  ...(card.link !== undefined && { link: card.link }),
});

/** A channel without accounts of its own asks for what comes by the API. */
const maySay = ({ decideVia }: ReviewCard, kind: string | undefined): boolean =>
  decideVia === undefined ||
  kind === undefined ||
  decideVia.some((place) => place === (kind === 'log' ? 'api' : kind));

const section = (
  about: SheetSection['about'],
  title: string,
  origin: SheetSection['origin'],
  rows: readonly SheetRow[],
): SheetSection => ({ about, title, origin, rows });

const modeNotice = ({ isDevelopment }: ReviewCard): readonly SheetRow[] =>
  isDevelopment
    ? [row('mode', 'DEVELOPMENT: tokens are minted on this machine; an approval proves nothing.')]
    : [];

const REPEAT = 'again';

const repeatNotice = (isRepeat: boolean): readonly SheetRow[] =>
  isRepeat
    ? [row(REPEAT, 'An earlier attempt to show this card ended without an answer; it may stand above.')]
    : [];

/** For a card that was found where an earlier attempt had put it: no other one stands above it. */
export const withoutRepeatNotice = (sheet: ReviewSheet): ReviewSheet => ({
  ...sheet,
  notices: sheet.notices.filter(({ label }) => label !== REPEAT),
});

const escalationNotice = ({ status, requirements }: ReviewCard): readonly SheetRow[] => {
  const alternatives = [...new Set(requirements.flatMap((requirement) => requirement.alternatives))];
  if (status !== 'pending' || alternatives.length === 0) return [];
  return [row('escalated', `Nobody decided in time, so ${alternatives.join(', ')} may decide, too.`)];
};

const requestRows = ({ requestId, requester, owner, initiator }: ReviewCard): readonly SheetRow[] => [
  row('request', requestId),
  names('who', formatEntity(requester)),
  names('owner', formatEntity(owner)),
  names(
    'on behalf of',
    initiator === undefined ? 'nobody is named' : formatEntity({ type: 'User', id: initiator }),
  ),
];

const actionRows = (card: ReviewCard): readonly SheetRow[] => [
  names('action', card.action.name),
  ...optionalMembers('parameters', card.action.properties),
  names('resource', formatEntity(card.resource)),
  ...(card.command === undefined
    ? []
    : [{ ...names('command', ...commandLines(card.command)), isVerbatim: true }]),
  row('enforcement', ...enforcementLines(card)),
  row('digest', shortDigest(card)),
];

const shortDigest = ({ digest }: ReviewCard): string =>
  `${digest.slice(0, SHORT_DIGEST)}...  (the first ${SHORT_DIGEST} of ${digest.length} characters)`;

const enforcementLines = ({ enforcement, redeemer }: ReviewCard): readonly string[] => {
  const by = formatEntity(redeemer);
  switch (enforcement) {
    case 'advisory':
      return ['advisory', `${by} asks and runs it itself; nothing but its word keeps it to this action.`];
    case 'guarded':
      return ['guarded', `${by}, not the requester, checks the approval and runs it.`];
    case 'brokered':
      return ['brokered', `${by} gets the credential through this approval alone.`];
    default:
      return enforcement satisfies never;
  }
};

const claimRows = (card: ReviewCard): readonly SheetRow[] => [
  prose('why', card.justification),
  prose('impact', card.impact ?? 'not stated'),
  ...(card.destination === undefined ? [] : [names('destination', ...card.destination.split('\n'))]),
  ...optionalMembers('context', card.details),
  ...optionalMembers('of the resource', card.resourceProperties),
  ...optionalMembers('of itself', card.requesterProperties),
  ...(card.claimsRead.length === 0 ? [] : [row('policy reads', ...card.claimsRead.map(claimLine))]),
];

const claimLine = ({ path, value }: CardClaim): string =>
  `${path}: ${value === undefined ? 'not stated' : JSON.stringify(value)}`;

const policyRows = ({ policies, controls, risk }: ReviewCard): readonly SheetRow[] => [
  row('policy', ...policies.map(({ id, description }) => `${id}: ${description}`)),
  ...optionalRow('controls', controls.length === 0 ? undefined : controls.join(' ')),
  ...optionalRow('risk', risk),
];

const decisionRows = (card: ReviewCard): readonly SheetRow[] => {
  const { status, requirements, decisions, vacant, decideVia } = card;
  const deadline = deadlineOf(card);
  return [
    row('needs', ...requirements.map(requirementLine)),
    ...(decisions.length === 0
      ? []
      : [
          row(
            'decided',
            ...decisions.map(
              ({ approver, decision, reason, via, decidedAt }) =>
                `${decision} by ${approver} at ${decidedAt} through ${via.channel}: ${reason}`,
            ),
          ),
        ]),
    ...(status === 'pending'
      ? [
          row('still needs', vacant.join(', ')),
          ...optionalRow('decide by', decideVia?.join(', ')),
          instantRow('decide before', deadline.at, ` (${deadline.given})`),
        ]
      : []),
  ];
};

const deadlineOf = ({ requestedAt, expiresAt }: ReviewCard): SheetDeadline => ({
  at: expiresAt,
  given: `${durationText(toEpochMs(expiresAt) - toEpochMs(requestedAt))} after it was asked`,
});

const requirementLine = ({ group, quorum, alternatives, escalation }: CardRequirement): string => {
  const needed = `${quorum} of ${[group, ...alternatives].join(' or ')}`;
  return escalation === undefined || alternatives.length > 0
    ? needed
    : `${needed}; from ${escalation.after} on also of ${escalation.to.join(', ')}`;
};

/** How the request came to where it stands. */
const outcomeRows = ({ outcome }: ReviewCard): readonly SheetRow[] =>
  outcome === undefined
    ? []
    : [
        instantRow('when', outcome.at),
        ...optionalRow('by', outcome.by),
        ...optionalRow('cause', outcome.cause),
        ...optionalRow('detail', outcome.detail),
        ...optionalRow('exit code', outcome.exitCode?.toString()),
        ...(outcome.useBefore === undefined ? [] : [instantRow('use before', outcome.useBefore)]),
      ];

/** In one line each, so that they can be copied. */
const commands = ({ status, requestId, answerAs, decideVia }: ReviewCard): readonly string[] => {
  if (status !== 'pending') return [];
  const as = answerAs === undefined ? '' : ` --as ${visible(answerAs)}`;
  const show = `countersign show ${requestId}${as}`;
  if (decideVia !== undefined && !decideVia.includes('api')) return [show];
  return [
    show,
    `countersign approve ${requestId}${as} --reason "..."`,
    `countersign deny ${requestId}${as} --reason "..."`,
  ];
};
