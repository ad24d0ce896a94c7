import type { AuditRequestsPage } from '@countersign/contracts';
import { table } from './blocks.ts';

const HEADER = ['ASKED AT', 'STATUS', 'REQUESTER', 'ACTION', 'RESOURCE', 'ENVIRONMENT', 'DECIDED', 'REQUEST'];

type Entry = AuditRequestsPage['requests'][number];

const requesterOf = ({ requester, initiator }: Entry): string =>
  initiator === undefined ? requester : `${requester} for ${initiator}`;

const rowOf = (entry: Entry): readonly string[] => [
  entry.requestedAt,
  entry.status,
  requesterOf(entry),
  entry.action,
  entry.resource,
  entry.environment ?? '-',
  entry.approvers.length === 0 ? '-' : entry.approvers.join(' '),
  entry.id,
];

/** One line a request, and how to go on where there is more. */
export const auditList = ({ mode, requests, nextCursor }: AuditRequestsPage): string => {
  const marked = mode === 'development' ? 'DEVELOPMENT: this record proves nothing.\n\n' : '';
  const rows =
    requests.length === 0 ? 'No request on record fits.\n' : table([HEADER, ...requests.map(rowOf)]);
  const more = nextCursor === undefined ? '' : `\nMore: the same again with --cursor ${nextCursor}\n`;
  return `${marked}${rows}${more}`;
};
