import { formatEntity, visible, type Json, type JsonObject } from '@countersign/kernel';
import type { CardClaim, CardRequirement, ReviewCard } from '@countersign/notifier';
import { rows, RULE, title, type Row } from './card-rows.ts';
import { commandLines } from './command-lines.ts';
import { outcomeRows } from './outcome-rows.ts';

const SHORT_DIGEST = 12;

/**
 * The whole card, for whoever decides. What the requester may fill with pages of its own stands first, so that
 * it can't push what runs out of sight.
 */
export const cardText = (card: ReviewCard, isRepeat: boolean): string =>
  [
    RULE,
    heading(card),
    rows([...modeRows(card), ...repeatRows(isRepeat), ...identityRows(card)]),
    section('What the requester claims. All of it is bound; nobody has verified it.'),
    rows(claimRows(card)),
    section('What runs, word for word. The approval holds for nothing else.'),
    rows(actionRows(card)),
    section('What the organisation knows of the resource.'),
    rows([['catalogue', ...members(card.catalogue)]]),
    section('Who decides, and why it is asked.'),
    rows([...policyRows(card), ...decisionRows(card), ...outcomeRows(card)]),
    answer(card),
    RULE,
  ].join('');

/** What has changed on a card that was printed before. */
export const updateText = (card: ReviewCard, isRepeat: boolean): string =>
  [
    RULE,
    heading(card),
    rows([
      ...repeatRows(isRepeat),
      ['request', card.requestId],
      ['who', formatEntity(card.requester)],
      ['action', card.action.name],
      ['resource', formatEntity(card.resource)],
      ['digest', shortDigest(card)],
      ...decisionRows(card),
      ...outcomeRows(card),
    ]),
    answer(card),
    RULE,
  ].join('');

const heading = ({ status, isDevelopment }: ReviewCard): string =>
  title(
    status === 'pending'
      ? 'COUNTERSIGN  A request waits for a decision'
      : `COUNTERSIGN  The request: ${status}`,
    isDevelopment ? 'DEVELOPMENT' : '',
  );

const section = (text: string): string => `\n  ${text}\n`;

const prose = (text: string): readonly string[] => text.split('\n');

const json = (value: Json): string => JSON.stringify(value);

const PLAIN_NAME = /^[A-Za-z0-9_.-]+$/;

/** A member's name, quoted where it could be taken for more than a name. */
const named = (name: string): string => (PLAIN_NAME.test(name) ? name : json(name));

/** One member a line; `none` rather than an empty place that could have been forgotten. */
const members = (object: JsonObject): readonly string[] => {
  const lines = Object.entries(object).map(([name, value]) => `${named(name)}: ${json(value)}`);
  return lines.length === 0 ? ['none'] : lines;
};

const optional = (label: string, text: string | undefined): readonly Row[] =>
  text === undefined ? [] : [[label, ...prose(text)]];

const optionalMembers = (label: string, object: JsonObject): readonly Row[] =>
  Object.keys(object).length === 0 ? [] : [[label, ...members(object)]];

const modeRows = ({ isDevelopment }: ReviewCard): readonly Row[] =>
  isDevelopment
    ? [['mode', 'DEVELOPMENT: tokens are minted on this machine; an approval proves nothing.']]
    : [];

const repeatRows = (isRepeat: boolean): readonly Row[] =>
  isRepeat
    ? [['again', 'An earlier attempt to show this card ended without an answer; it may stand above.']]
    : [];

const identityRows = ({ requestId, requester, owner, initiator }: ReviewCard): readonly Row[] => [
  ['request', requestId],
  ['who', formatEntity(requester)],
  ['owner', formatEntity(owner)],
  [
    'on behalf of',
    initiator === undefined ? 'nobody is named' : formatEntity({ type: 'User', id: initiator }),
  ],
];

const actionRows = (card: ReviewCard): readonly Row[] => [
  ['action', card.action.name],
  ...optionalMembers('parameters', card.action.properties),
  ['resource', formatEntity(card.resource)],
  ...(card.command === undefined ? [] : [['command', ...commandLines(card.command)] as const]),
  ['enforcement', ...enforcementLines(card)],
  ['digest', shortDigest(card)],
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

const claimRows = (card: ReviewCard): readonly Row[] => [
  ['why', ...prose(card.justification)],
  ['impact', ...prose(card.impact ?? 'not stated')],
  ...optional('destination', card.destination),
  ...optionalMembers('context', card.details),
  ...optionalMembers('of the resource', card.resourceProperties),
  ...optionalMembers('of itself', card.requesterProperties),
  ...(card.claimsRead.length === 0 ? [] : [['policy reads', ...card.claimsRead.map(claimLine)] as const]),
];

const claimLine = ({ path, value }: CardClaim): string =>
  `${path}: ${value === undefined ? 'not stated' : json(value)}`;

const policyRows = ({ policies, controls, risk }: ReviewCard): readonly Row[] => [
  ['policy', ...policies.map(({ id, description }) => `${id}: ${description}`)],
  ...optional('controls', controls.length === 0 ? undefined : controls.join(' ')),
  ...optional('risk', risk),
];

const decisionRows = ({ status, requirements, decisions, vacant, expiresAt }: ReviewCard): readonly Row[] => [
  ['needs', ...requirements.map(requirementLine)],
  ...(decisions.length === 0
    ? []
    : [
        [
          'decided',
          ...decisions.map(
            ({ approver, decision, reason, via, decidedAt }) =>
              `${decision} by ${approver} at ${decidedAt} through ${via.channel}: ${reason}`,
          ),
        ] as const,
      ]),
  ...(status === 'pending'
    ? ([
        ['still needs', vacant.join(', ')],
        ['decide before', expiresAt],
      ] as const)
    : []),
];

const requirementLine = ({ group, quorum, alternatives, escalation }: CardRequirement): string => {
  const needed = `${quorum} of ${[group, ...alternatives].join(' or ')}`;
  return escalation === undefined || alternatives.length > 0
    ? needed
    : `${needed}; from ${escalation.after} on also of ${escalation.to.join(', ')}`;
};

/** Commands of ours, in one line each, so that they can be copied. */
const answer = ({ status, requestId, answerAs }: ReviewCard): string => {
  if (status !== 'pending') return '';
  const as = answerAs === undefined ? '' : ` --as ${visible(answerAs)}`;
  return [
    section('To answer, having read it:'),
    `    countersign show ${requestId}${as}\n`,
    `    countersign approve ${requestId}${as} --reason "..."\n`,
    `    countersign deny ${requestId}${as} --reason "..."\n`,
  ].join('');
};
