import { setTimeout as delay } from 'node:timers/promises';
import type { CountersignClient } from '@countersign/client';
import type { RequestView } from '@countersign/contracts';
import type { RequestStatus } from '@countersign/domain-thread';
import { formatEntity, visible } from '@countersign/kernel';
import type { Command } from 'commander';
import { jsonLine, type Cli } from '../cli.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection/connection.ts';
import { EXIT_CODE_OF_STATUS } from '../exit-code.ts';
import { justificationOf, requirementsOf } from '../render/request-block.ts';
import { openReviews } from './reviews.ts';

const LONG_POLL_S = 30;
const REVIEWS_EVERY_MS = 2_000;
/** Something on the way may not hold answers back. */
const UNCHANGED_PAUSE_MS = 250;

const GOES_ON: ReadonlySet<RequestStatus> = new Set(['received', 'pending', 'approved', 'redeemed']);

const changeLine = (view: RequestView): string => {
  const decisions = view.review?.decisions.length ?? 0;
  const needs = requirementsOf(view);
  const said = view.status === 'pending' ? `, ${decisions} decided, needs ${needs ?? 'nobody'}` : '';
  return `${visible(`${view.id}  ${view.status}${said}`)}\n`;
};

/** Prints each version until the request has ended for good; exits by how it ended. */
const watchRequest = async (
  cli: Cli,
  client: CountersignClient,
  id: string,
  json: boolean,
): Promise<void> => {
  let view = await client.get(id);
  for (;;) {
    cli.terminal.out(json ? jsonLine(view) : changeLine(view));
    if (!GOES_ON.has(view.status)) break;
    view = await nextVersion(client, view);
  }
  cli.exitWith(EXIT_CODE_OF_STATUS[view.status]);
};

const nextVersion = async (client: CountersignClient, { id, version }: RequestView): Promise<RequestView> => {
  for (;;) {
    const view = await client.get(id, { waitSeconds: LONG_POLL_S, after: version });
    if (view.version !== version) return view;
    await delay(UNCHANGED_PAUSE_MS);
  }
};

const reviewLine = (sign: '+' | '-', view: RequestView): string => {
  const { id, subject, action, resource } = view;
  const what = `${formatEntity(subject)}  ${action.name}  ${resource.type}/${resource.id}`;
  return `${visible(`${sign} ${id}  ${what}  ${justificationOf(view)}`)}\n`;
};

/** Prints what comes to wait for the person (+) and what no longer does (-), until interrupted. */
const watchReviews = async (cli: Cli, client: CountersignClient, json: boolean): Promise<never> => {
  let known = new Map<string, RequestView>();
  const print = (sign: '+' | '-', view: RequestView): void =>
    cli.terminal.out(
      json ? jsonLine({ change: sign === '+' ? 'opened' : 'gone', request: view }) : reviewLine(sign, view),
    );
  for (;;) {
    const now = new Map((await openReviews(client)).map((view) => [view.id, view]));
    for (const [id, view] of now) if (!known.has(id)) print('+', view);
    for (const [id, view] of known) if (!now.has(id)) print('-', view);
    known = now;
    await delay(REVIEWS_EVERY_MS);
  }
};

export const addWatch = (program: Command, cli: Cli): void => {
  withConnection(program.command('watch'))
    .summary('follow one request to its end, or the reviews that wait for you')
    .argument('[id]', 'the request; without it, your open reviews')
    .action(async (id: string | undefined, options: ConnectionOptions) => {
      const client = connect(cli, options);
      const json = options.json === true;
      await (id === undefined ? watchReviews(cli, client, json) : watchRequest(cli, client, id, json));
    });
};
