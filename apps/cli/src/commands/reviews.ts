import type { CountersignClient } from '@countersign/client';
import type { RequestView } from '@countersign/contracts';
import { formatEntity } from '@countersign/kernel';
import type { Command } from 'commander';
import { answer, type Cli } from '../cli.ts';
import { connect, withConnection, type ConnectionOptions } from '../connection/connection.ts';
import { justificationOf, requestBlock } from '../render/request-block.ts';
import { table } from '../render/blocks.ts';

/** Every page: a review that isn't listed is one that nobody decides. */
export const openReviews = async (client: CountersignClient): Promise<readonly RequestView[]> => {
  const reviews: RequestView[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.reviews({ cursor });
    reviews.push(...page.reviews);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return reviews;
};

export const reviewsTable = (reviews: readonly RequestView[]): string =>
  reviews.length === 0
    ? 'Nothing waits for your decision.\n'
    : table([
        ['REQUEST', 'WHO', 'ACTION', 'RESOURCE', 'DECIDE BEFORE', 'WHY'],
        ...reviews.map((view) => [
          view.id,
          formatEntity(view.subject),
          view.action.name,
          `${view.resource.type}/${view.resource.id}`,
          view.review?.expiresAt ?? '',
          justificationOf(view),
        ]),
      ]);

interface DecideOptions extends ConnectionOptions {
  readonly reason: string;
  readonly digest?: string;
}

const decide = async (
  cli: Cli,
  decision: 'approve' | 'deny',
  id: string,
  options: DecideOptions,
): Promise<void> => {
  const client = connect(cli, options);
  const view = await client.get(id);
  const { reason, digest = view.digest } = options;
  const said = await client.decide(id, { decision, reason, digest });
  const verb = decision === 'approve' ? 'approved' : 'denied';
  answer(
    cli,
    options,
    said,
    () => `${requestBlock(view)}\nYou ${verb} this. The request is now ${said.status}.\n`,
  );
};

const addDecision = (program: Command, cli: Cli, decision: 'approve' | 'deny'): void => {
  withConnection(program.command(decision))
    .summary(`${decision} a request`)
    .argument('<id>', 'the request')
    .requiredOption('--reason <text>', 'why; it stands in the record')
    .option('--digest <digest>', 'refuse unless the action is the one with this digest')
    .action(async (id: string, options: DecideOptions) => decide(cli, decision, id, options));
};

export const addReviews = (program: Command, cli: Cli): void => {
  withConnection(program.command('reviews'))
    .summary('what waits for your decision')
    .action(async (options: ConnectionOptions) => {
      const reviews = await openReviews(connect(cli, options));
      answer(cli, options, { reviews }, () => reviewsTable(reviews));
    });
  addDecision(program, cli, 'approve');
  addDecision(program, cli, 'deny');
};
