import type { Directory } from '@countersign/domain-directory';
import { admittedGroups, deriveQuorum, eligibleIn, type ReviewRecord } from '@countersign/domain-review';
import type { CardSurroundings } from '@countersign/notifier';
import { requestLinkTo, type ServiceContext } from '@countersign/service-host';
import type { LoadedCards } from './delivery-streams.ts';

type Dependencies = Pick<ServiceContext, 'config' | 'policySets'>;

/**
 * What a card shows besides its request. In development that is somebody who may decide, so that the commands
 * on it can be copied; elsewhere people have tokens of their own. And where the settings say so, the way to where
 * people read requests.
 */
export const cardSurroundings =
  ({ config, policySets }: Dependencies) =>
  async ({ thread }: Pick<LoadedCards, 'thread'>): Promise<CardSurroundings> => {
    const { request, review } = thread;
    const isDevelopment = config.mode === 'development';
    const always = { isDevelopment, ...linkOf(config, request) };
    if (!isDevelopment || review.status !== 'open') return always;
    const active = await policySets.read();
    if (active === undefined) return always;
    return { ...always, answerAs: somebodyOf(review.record, active.set.directory) };
  };

const linkOf = (
  { requestLink }: Dependencies['config'],
  { requestId }: LoadedCards['thread']['request'],
): Pick<CardSurroundings, 'link'> =>
  requestLink === undefined ? {} : { link: requestLinkTo(requestLink, requestId) };

const somebodyOf = (record: ReviewRecord, directory: Directory): string | undefined => {
  const { opened, decisions, escalatedAt } = record;
  const { vacant } = deriveQuorum(record);
  const groups = opened.requirements
    .filter(({ group }) => vacant.includes(group))
    .flatMap((requirement) => admittedGroups(requirement, escalatedAt));
  return eligibleIn(groups, directory, { owners: [opened.owner], initiator: opened.initiator })
    .map(({ person }) => person)
    .find((person) => decisions.every(({ approver }) => approver !== person));
};
