import type { AuditRebuild } from '@countersign/contracts';
import { formatEntity } from '@countersign/kernel';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { answer, type Cli } from '../cli.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection/connection.ts';
import { parsePrincipal } from '../principal.ts';
import { auditList } from '../render/audit-list.ts';
import { caseText } from '../render/case-text.ts';
import { rebuildText } from '../render/rebuild-text.ts';

const FILTERS = [
  ['status', 'like pending or denied'],
  ['requester', 'like Agent/etl-bot'],
  ['approver', 'a person who decided, like alice'],
  ['action', 'like data.export'],
  ['resource', 'like Dataset/customers'],
  ['environment', 'as the catalogue has it, like prod'],
  ['policy', 'the id of a policy that applied'],
  ['from', 'asked at or after this time (RFC 3339)'],
  ['to', 'asked before this time (RFC 3339)'],
  ['limit', 'how many on a page'],
  ['cursor', 'the next page of an earlier listing'],
] as const;

type ListOptions = ConnectionOptions & Readonly<Partial<Record<(typeof FILTERS)[number][0], string>>>;

/** Persons and automata may be named as everywhere in this CLI. */
const principalIn = (text: string | undefined, option: string): string | undefined =>
  text === undefined ? undefined : formatEntity(parsePrincipal(text, option));

const queryOf = (options: ListOptions): Readonly<Record<string, string | undefined>> => ({
  ...Object.fromEntries(FILTERS.map(([name]) => [name, options[name]])),
  requester: principalIn(options.requester, '--requester'),
  approver: principalIn(options.approver, '--approver'),
});

const addList = (audit: Command, cli: Cli): void => {
  const list = withConnection(audit.command('list')).summary('requests on record, newest first');
  for (const [name, meaning] of FILTERS) list.option(`--${name} <${name}>`, meaning);
  list.action(async (options: ListOptions) => {
    const page = await connect(cli, options).audit.requests(queryOf(options));
    answer(cli, options, page, () => auditList(page));
  });
};

const addShow = (audit: Command, cli: Cli): void => {
  withConnection(audit.command('show'))
    .summary('the whole story of one request')
    .argument('<id>', 'the request')
    .action(async (id: string, options: ConnectionOptions) => {
      const found = await connect(cli, options).audit.case(id);
      answer(cli, options, found, () => caseText(found));
    });
};

const requireEqual = ({ equal }: AuditRebuild): void => {
  if (equal) return;
  throw new CliError(
    'rebuild_differs',
    'The live projection differed from what the log says, and was replaced by the rebuilt one; look into it.',
  );
};

const addRebuild = (audit: Command, cli: Cli): void => {
  withConnection(audit.command('rebuild'))
    .summary('replay the whole log into a fresh projection, and compare it with the live one')
    .action(async (options: ConnectionOptions) => {
      const rebuilt = await connect(cli, options).audit.rebuild();
      answer(cli, options, rebuilt, () => rebuildText(rebuilt));
      requireEqual(rebuilt);
    });
};

export const addAudit = (program: Command, cli: Cli): void => {
  const audit = program.command('audit').summary('what the record says; for auditors');
  addShow(audit, cli);
  addList(audit, cli);
  addRebuild(audit, cli);
};
