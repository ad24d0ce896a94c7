import { isSettled } from '@countersign/client';
import type { RequestView } from '@countersign/contracts';
import type { Command } from 'commander';
import { actionRequestOf, withAction, type ActionOptions } from '../action-options.ts';
import { CliError } from '../cli-error.ts';
import { answer, type Cli } from '../cli.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection/connection.ts';
import { EXIT_CODE_OF_STATUS } from '../exit-code.ts';
import { requestBlock } from '../render/request-block.ts';

const LONGEST_WAIT_S = 60;

const parseWait = (text: string): number => {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > LONGEST_WAIT_S) {
    throw new CliError('usage', `--wait takes whole seconds, at most ${LONGEST_WAIT_S}.`, {
      field: '--wait',
    });
  }
  return seconds;
};

interface RequestOptions extends ActionOptions, ConnectionOptions {
  readonly wait?: number;
}

const show = (cli: Cli, options: ConnectionOptions, view: RequestView): void =>
  answer(cli, options, view, () => requestBlock(view));

/** The status a script can branch on: 0 while nothing is settled, else how it ended. */
const endAs = (cli: Cli, view: RequestView): void =>
  cli.exitWith(isSettled(view) ? EXIT_CODE_OF_STATUS[view.status] : 0);

const addRequest = (program: Command, cli: Cli): void => {
  withConnection(withAction(program.command('request')))
    .summary('ask for an action without running anything')
    .option('--wait <seconds>', 'wait that long for it to settle, at most 60', parseWait)
    .action(async (options: RequestOptions) => {
      const { idempotencyKey, wait: waitSeconds } = options;
      const view = await connect(cli, options).submit(actionRequestOf(options), {
        idempotencyKey,
        waitSeconds,
      });
      show(cli, options, view);
      endAs(cli, view);
    });
};

const addShow = (program: Command, cli: Cli): void => {
  withConnection(program.command('show'))
    .summary('one request, whole')
    .argument('<id>', 'the request')
    .action(async (id: string, options: ConnectionOptions) =>
      show(cli, options, await connect(cli, options).get(id)),
    );
};

const addCancel = (program: Command, cli: Cli): void => {
  withConnection(program.command('cancel'))
    .summary('take a request back; after the approval this revokes it')
    .argument('<id>', 'the request')
    .action(async (id: string, options: ConnectionOptions) =>
      show(cli, options, await connect(cli, options).cancel(id)),
    );
};

const addRevoke = (program: Command, cli: Cli): void => {
  withConnection(program.command('revoke'))
    .summary('take an approval back before it is spent')
    .argument('<id>', 'the request')
    .requiredOption('--reason <text>', 'why; it stands in the record')
    .action(async (id: string, options: ConnectionOptions & { readonly reason: string }) => {
      const client = connect(cli, options);
      const { grant } = await client.get(id);
      const revoked = await client.revoke(grant?.grantId ?? id, options.reason);
      answer(cli, options, revoked, () => `The approval of ${id} was revoked at ${revoked.revokedAt}.\n`);
    });
};

export const addRequests = (program: Command, cli: Cli): void => {
  addRequest(program, cli);
  addShow(program, cli);
  addCancel(program, cli);
  addRevoke(program, cli);
};
