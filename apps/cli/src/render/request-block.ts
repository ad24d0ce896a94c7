import type { RequestView } from '@countersign/contracts';
import { formatEntity, isJsonObject, type Json } from '@countersign/kernel';
import { block, type Row } from './blocks.ts';
import { shellWords } from './shell-words.ts';

const OWN_ROWS: ReadonlySet<string> = new Set([
  'justification',
  'command',
  'destination',
  'impact',
  'executor',
]);

const text = (value: Json | undefined): string | undefined =>
  value === undefined || typeof value === 'string' ? value : JSON.stringify(value);

export const justificationOf = ({ context }: RequestView): string => text(context['justification']) ?? '';

const commandOf = (command: Json | undefined): string | undefined =>
  Array.isArray(command) && command.every((word) => typeof word === 'string')
    ? shellWords(command)
    : text(command);

const propertiesOf = (properties: Readonly<Record<string, Json>>): string | undefined =>
  Object.keys(properties).length === 0 ? undefined : JSON.stringify(properties);

const executorOf = (executor: Json | undefined): string | undefined =>
  isJsonObject(executor) ? `${text(executor['type'])}/${text(executor['id'])}` : text(executor);

/** Under a prefix, so that no member can pose as a row of ours. */
const otherContextRows = (context: RequestView['context']): readonly Row[] =>
  Object.entries(context)
    .filter(([name]) => !OWN_ROWS.has(name))
    .map(([name, value]) => [`context.${name}`, text(value)]);

/** What is missing for the approval: `1 of data-owners (or platform)`. */
export const requirementsOf = ({ review }: RequestView): string | undefined =>
  review?.requirements
    .map(({ group, quorum, alternatives }) => {
      const or = alternatives.length === 0 ? '' : ` (or ${alternatives.join(', ')})`;
      return `${quorum} of ${group}${or}`;
    })
    .join(', ');

const reviewRows = (view: RequestView): readonly Row[] => {
  const { review } = view;
  if (review === undefined) return [];
  return [
    ['review', [review.state, review.code, review.detail].filter((part) => part !== undefined).join(' · ')],
    ['needs', requirementsOf(view) === '' ? undefined : requirementsOf(view)],
    ...review.policies.map(({ id, description }): Row => ['policy', `${id}: ${description}`]),
    ['risk', review.risk],
    ['decide before', review.state === 'open' ? review.expiresAt : undefined],
    ...review.decisions.map(({ approver, decision, reason, decidedAt }): Row => [
      decision,
      `${approver} at ${decidedAt}: ${reason}`,
    ]),
  ];
};

const grantRows = ({ grant }: RequestView): readonly Row[] =>
  grant === undefined
    ? []
    : [
        ['grant', [grant.state, grant.code].filter((part) => part !== undefined).join(' · ')],
        ['redeemer', formatEntity(grant.redeemer)],
        ['use before', grant.redeemedAt === undefined ? grant.expiresAt : undefined],
        ['redeemed at', grant.redeemedAt],
        ['outcome', grant.outcome === undefined ? undefined : JSON.stringify(grant.outcome)],
      ];

/** One request for a person's eyes: everything that is bound by the digest, nothing cut. */
export const requestBlock = (view: RequestView): string => {
  const { subject, action, resource, context } = view;
  const { initiator, ...claims } = subject.properties;
  return block([
    ['request', view.id],
    ['status', view.status],
    ['who', `${formatEntity(subject)}${initiator === undefined ? '' : ` for ${text(initiator)}`}`],
    ['who says', propertiesOf(claims)],
    ['action', action.name],
    ['with', propertiesOf(action.properties)],
    ['resource', `${resource.type}/${resource.id}`],
    ['claimed', propertiesOf(resource.properties)],
    ['why', justificationOf(view)],
    ['command', commandOf(context['command'])],
    ['destination', text(context['destination'])],
    ['impact', text(context['impact'])],
    ['executor', executorOf(context['executor'])],
    ...otherContextRows(context),
    ['enforcement', view.enforcement],
    ['asked at', view.requestedAt],
    ...reviewRows(view),
    ...grantRows(view),
    ['digest', view.digest],
  ]);
};
