import type { AuditCase, AuditEvent } from '@countersign/contracts';
import { formatEntity, visible, type EntityRef } from '@countersign/kernel';
import { block, table } from './blocks.ts';
import { requestBlock } from './request-block.ts';

interface Section {
  readonly title: string;
  /** Empty where there is nothing to tell: the section is then left out. */
  readonly body: string;
}

const rowsUnder = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0 ? '' : table([header, ...rows]);

/** `api, urn:countersign:development, User::"alice"` */
const through = (via: Readonly<Record<string, unknown>> = {}): string =>
  Object.values(via)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(', ');

const entity = (ref: EntityRef | undefined): string | undefined => ref && formatEntity(ref);

const asked = ({ asked: it }: AuditCase): string =>
  it === undefined
    ? ''
    : block([
        ['requester', entity(it.by)],
        ['owner', entity(it.owner)],
        ['initiator', it.initiator],
        ['through', through(it.via)],
        ['asked at', it.requestedAt],
      ]);

const policyText = (text: string | undefined): string =>
  text === undefined
    ? ''
    : text
        .split('\n')
        .map((line) => `    ${visible(line)}\n`)
        .join('');

const evaluation = ({ evaluation: it }: AuditCase): string => {
  if (it === undefined) return '';
  const facts = block([
    ['answer', `${it.reason}: ${it.detail}`],
    ['set', it.policySetDigest],
    ['in force by', it.activated && `${formatEntity(it.activated.by)} since ${it.activated.at}`],
    ['catalogue', JSON.stringify(it.catalogue)],
    ['claims read', it.claims.length === 0 ? undefined : it.claims.join(', ')],
    ...it.errors.map((error) => ['error', error] as const),
    ['evaluated at', it.evaluatedAt],
  ]);
  const texts = it.policies.map(
    ({ id, file, text }) => `  ${visible(`${file ?? 'policy'}: ${id}`)}\n${policyText(text)}`,
  );
  return `${facts}${texts.join('')}`;
};

const decisions = ({ decisions: made }: AuditCase): string =>
  rowsUnder(
    ['WHEN', 'WHO', 'DECISION', 'GROUPS THEN', 'THROUGH', 'REASON'],
    made.map((it) => [
      it.decidedAt,
      it.approver,
      it.decision,
      it.groups.join(' '),
      through(it.via),
      it.reason,
    ]),
  );

const refusals = ({ refused }: AuditCase): string =>
  rowsUnder(
    ['WHEN', 'WHO', 'TRIED TO', 'REFUSED AS', 'THROUGH'],
    refused.map((it) => [it.refusedAt, formatEntity(it.by), it.attempt, it.refusal, through(it.via)]),
  );

const endOf = ({ cancelled, grant: { redeemed, revoked, outcome } }: AuditCase): string =>
  block([
    ['cancelled', cancelled && `${cancelled.cancelledAt} by ${formatEntity(cancelled.by)}`],
    [
      'revoked',
      revoked && `${revoked.revokedAt} by ${formatEntity(revoked.by)} (${revoked.cause}): ${revoked.reason}`,
    ],
    [
      'redeemed',
      redeemed && `${redeemed.redeemedAt} by ${formatEntity(redeemed.by)}, ${redeemed.enforcement}`,
    ],
    ['under set', redeemed?.policySetDigest],
    ['outcome', outcome && `${outcome.reportedAt} by ${formatEntity(outcome.by)}: ${outcome.status}`],
    ['exit code', outcome?.exitCode?.toString()],
    ['summary', outcome?.summary],
    ['reported late', outcome?.late === true ? 'yes' : undefined],
  ]);

const eventRow = (event: AuditEvent): readonly string[] => [
  event.committedAt,
  `${event.stream.slice(0, event.stream.indexOf('-'))}@${event.revision}`,
  event.type,
  event.signatureValid ? 'valid' : 'INVALID',
];

const timeline = ({ timeline: events }: AuditCase): string =>
  rowsUnder(['COMMITTED AT', 'STREAM', 'EVENT', 'SIGNATURE'], events.map(eventRow));

const problems = ({ problems: found }: AuditCase): string =>
  rowsUnder(
    ['CODE', 'STREAM', 'WHY'],
    found.map(({ code, stream, detail }) => [code, stream ?? '', detail]),
  );

const MODE: Readonly<Record<AuditCase['mode'], string>> = {
  development: 'DEVELOPMENT: anybody on that machine may have made this record; it proves nothing.\n\n',
  production: '',
};

/** The story of one request for a person's eyes, in the order in which it happened. `--json` has every event whole. */
export const caseText = (found: AuditCase): string => {
  const sections: readonly Section[] = [
    { title: 'NOT TO BE RELIED ON', body: problems(found) },
    {
      title: 'THE REQUEST',
      body: found.request === undefined ? block([['request', found.id]]) : requestBlock(found.request),
    },
    { title: 'WHO ASKED', body: asked(found) },
    { title: 'WHAT POLICY SAID', body: evaluation(found) },
    { title: 'WHO DECIDED', body: decisions(found) },
    { title: 'WHO WAS REFUSED', body: refusals(found) },
    { title: 'WHAT CAME OF IT', body: endOf(found) },
    { title: 'THE EVENTS', body: timeline(found) },
  ];
  const told = sections.filter(({ body }) => body !== '').map(({ title, body }) => `${title}\n${body}`);
  return `${MODE[found.mode]}${told.join('\n')}`;
};
