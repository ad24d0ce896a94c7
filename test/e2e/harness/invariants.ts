import { requestOf } from '@countersign/domain-action';
import { grantEvents, REPORT_DEADLINE_MS } from '@countersign/domain-grant';
import { recordOf, reviewEvents, verifyApproval } from '@countersign/domain-review';
import { foldThread, isTerminal, statusOf, type Thread } from '@countersign/domain-thread';
import { parseStreamName, streamName, verifyAppends, type RecordedEvent } from '@countersign/event-store';
import { plusMs, type Timestamp } from '@countersign/kernel';
import { keysFolderOf, loadKeyRing } from '@countersign/keys-file';
import type { LogFile } from './log-file.ts';

const REVIEW_ENDS = ['ReviewApproved', 'ReviewDenied', 'ReviewExpired', 'ReviewCancelled'];
const GRANT_ENDS = ['GrantRedeemed', 'GrantRevoked', 'GrantExpired'];
const ONCE = [
  'ActionRequested',
  'PolicyEvaluated',
  'ReviewOpened',
  'GrantOpened',
  'TokenIssued',
  'GrantRedeemed',
];
const MAX_ATTEMPTS = 20;

type Streams = ReadonlyMap<string, readonly RecordedEvent[]>;

export interface InvariantOptions {
  /**
   * At the last commit nothing was due for longer than this, so nothing is stuck. Absent: that isn't asked,
   * as of a process that was down.
   */
  readonly maxOverdueMs?: number;
}

/**
 * What must hold of the whole store, whatever raced, crashed or was repeated. Counted from the raw events
 * first, so that a fault in the domain's own folding can't hide; then the domain reads it all once more.
 */
export const assertInvariants = (
  { log, dataFolder }: { readonly log: Pick<LogFile, 'events'>; readonly dataFolder: string },
  { maxOverdueMs }: InvariantOptions = {},
): void => {
  const events = log.events();
  const streams: Streams = Map.groupBy(events, ({ stream }) => stream);
  const keyRing = loadKeyRing(keysFolderOf(dataFolder));
  for (const [stream, its] of streams) {
    verifyAppends(stream, its, keyRing);
    assertStream(stream, its, streams);
  }
  const threads = threadsOf(streams);
  for (const thread of threads) assertSeparation(thread);
  const last = events.at(-1);
  if (maxOverdueMs === undefined || last === undefined) return;
  for (const thread of threads) assertNotStuck(thread, plusMs(last.committedAt, -maxOverdueMs));
};

const require = (holds: boolean, stream: string, rule: string): void => {
  if (!holds) throw new Error(`${stream}: ${rule}`);
};

const count = (events: readonly RecordedEvent[], types: readonly string[]): number =>
  events.filter(({ type }) => types.includes(type)).length;

const assertStream = (stream: string, events: readonly RecordedEvent[], streams: Streams): void => {
  const { category, id } = parseStreamName(stream);
  require(new Set(events.map((event) => event.id)).size ===
    events.length, stream, 'an event id stands twice');
  for (const type of ONCE) require(count(events, [type]) <= 1, stream, `${type} stands twice`);
  require(count(events, REVIEW_ENDS) <= 1, stream, 'the review ends twice');
  require(count(events, GRANT_ENDS) <= 1, stream, 'the grant ends twice');
  require(count(events, ['ExecutionReported']) <= 1, stream, 'the outcome is reported twice');
  if (category === 'grant') assertApprovedBefore(stream, events, streams.get(streamName('review', id)) ?? []);
  if (category === 'reviewattempt' || category === 'grantattempt') {
    require(events.length <= MAX_ATTEMPTS, stream, 'more than twenty attempts are recorded');
  }
};

const assertApprovedBefore = (
  stream: string,
  grant: readonly RecordedEvent[],
  review: readonly RecordedEvent[],
): void => {
  const approved = review.find(({ type }) => type === 'ReviewApproved');
  const opened = grant[0];
  require(approved !== undefined &&
    opened !== undefined &&
    Number(approved.position) < Number(opened.position), stream, 'a grant without an approval before it');
};

const threadsOf = (streams: Streams): Thread[] =>
  [...streams].flatMap(([stream, events]) => {
    const { category, id } = parseStreamName(stream);
    const request = category === 'request' ? requestOf(events) : undefined;
    if (request === undefined) return [];
    const review = reviewEvents(streams.get(streamName('review', id)) ?? []);
    const grant = grantEvents(streams.get(streamName('grant', id)) ?? []);
    const thread = foldThread({ request, review, grant });
    if (thread.review.status === 'approved') verifyApproval(request, review);
    return [thread];
  });

const assertNotStuck = (thread: Thread, at: Timestamp): void => {
  const status = statusOf(thread);
  const due = dueAt(thread);
  require(isTerminal(status) || due > at, thread.request.requestId, `it is ${status} and was due at ${due}`);
};

/** Distinct persons approved, and none of them was owner or initiator. */
const assertSeparation = ({ request, review }: Thread): void => {
  const record = recordOf(review);
  const decisions = record?.decisions ?? [];
  const approvers = decisions
    .filter(({ decision }) => decision === 'approve')
    .map(({ approver }) => approver);
  const owner = record?.opened.owner;
  const interested = [request.subject.properties.initiator, owner?.type === 'User' ? owner.id : undefined];
  const { requestId } = request;
  require(new Set(approvers).size === approvers.length, requestId, 'one person approved twice');
  require(!approvers.some((person) => interested.includes(person)), requestId, 'somebody approved their own');
};

/** When something has to happen to a request that goes on. */
const dueAt = ({ request, review, grant }: Thread): Timestamp => {
  if (grant.status === 'redeemed') return plusMs(grant.redemption.redeemedAt, REPORT_DEADLINE_MS);
  if (review.status === 'approved') return review.approval.grantExpiresAt;
  return review.status === 'open' ? review.record.opened.expiresAt : request.requestedAt;
};
