import { auditCase } from '@countersign/contracts';
import { isJsonObject, type JsonObject } from '@countersign/kernel';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { answer, type Cli } from '../cli.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection/connection.ts';
import { outline } from '../render/blocks.ts';
import { caseText } from '../render/case-text.ts';

const FILTERS = [
  ['status', 'like pending or denied'],
  ['requester', `like 'Agent::"etl-bot"'`],
  ['approver', `like 'User::"alice"'`],
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

const addList = (audit: Command, cli: Cli): void => {
  const list = withConnection(audit.command('list')).summary('requests on record, newest first');
  for (const [name, meaning] of FILTERS) list.option(`--${name} <${name}>`, meaning);
  list.action(async (options: ListOptions) => {
    const query = Object.fromEntries(FILTERS.map(([name]) => [name, options[name]]));
    const page = await connect(cli, options).audit.requests(query);
    answer(cli, options, page, () => outline(page));
  });
};

/** A server that tells more than this build knows is still shown whole. */
const storyOf = (found: JsonObject): string => {
  const known = auditCase.safeParse(found);
  return known.success ? caseText(known.data) : outline(found);
};

const addShow = (audit: Command, cli: Cli): void => {
  withConnection(audit.command('show'))
    .summary('the whole story of one request')
    .argument('<id>', 'the request')
    .action(async (id: string, options: ConnectionOptions) => {
      const found = await connect(cli, options).audit.case(id);
      answer(cli, options, found, () => storyOf(found));
    });
};

const requireEqual = (rebuilt: JsonObject): void => {
  if (isJsonObject(rebuilt) && rebuilt['equal'] === true) return;
  throw new CliError(
    'rebuild_differs',
    'The rebuilt projection differs from the live one; keep both, and look into it.',
  );
};

const addRebuild = (audit: Command, cli: Cli): void => {
  withConnection(audit.command('rebuild'))
    .summary('replay the whole log into a fresh projection, and compare it with the live one')
    .action(async (options: ConnectionOptions) => {
      const rebuilt = await connect(cli, options).audit.rebuild();
      answer(cli, options, rebuilt, () => outline(rebuilt));
      requireEqual(rebuilt);
    });
};

export const addAudit = (program: Command, cli: Cli): void => {
  const audit = program.command('audit').summary('what the record says; for auditors');
  addShow(audit, cli);
  addList(audit, cli);
  addRebuild(audit, cli);
};
