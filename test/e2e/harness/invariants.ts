import { requestOf } from '@countersign/domain-action';
import { grantEvents, REPORT_DEADLINE_MS } from '@countersign/domain-grant';
import { recordOf, reviewEvents, verifyApproval } from '@countersign/domain-review';
import { foldThread, isTerminal, statusOf, type Thread } from '@countersign/domain-thread';
import { parseStreamName, streamName, verifyAppends, type RecordedEvent } from '@countersign/event-store';
import { plusMs, type KeyRing, type Timestamp } from '@countersign/kernel';
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

/** Of all-in-one: its log, and its keys as they lie in its folder. */
export const assertInvariants = (
  { log, dataFolder }: { readonly log: Pick<LogFile, 'events'>; readonly dataFolder: string },
  options: InvariantOptions = {},
): void => assertStoreInvariants(log.events(), loadKeyRing(keysFolderOf(dataFolder)), options);

/**
 * What must hold of the whole store (all its events, in log order), whatever raced, crashed or was repeated.
 * Counted from the raw events first, so that a fault in the domain's own folding can't hide; then the domain
 * reads it all once more.
 */
export const assertStoreInvariants = (
  events: readonly RecordedEvent[],
  keyRing: KeyRing,
  { maxOverdueMs }: InvariantOptions = {},
): void => {
  const streams: Streams = Map.groupBy(events, ({ stream }) => stream);
  const order = orderOf(events);
  for (const [stream, its] of streams) {
    verifyAppends(stream, its, keyRing);
    assertUnbroken(stream, its);
    assertStream(stream, its);
    assertOpenedAfterApproval(stream, streams, order);
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

/** Where each event stands in the log. Ids are made once per attempt: an append that was doubled shows here. */
const orderOf = (events: readonly RecordedEvent[]): ReadonlyMap<string, number> => {
  const order = new Map<string, number>();
  for (const [index, { id, stream }] of events.entries()) {
    require(!order.has(id), stream, 'an event id stands twice');
    order.set(id, index);
  }
  return order;
};

const assertUnbroken = (stream: string, events: readonly RecordedEvent[]): void => {
  for (const [index, { revision }] of events.entries())
    require(revision === index, stream, `revision ${revision} stands where ${index} belongs`);
};

const assertStream = (stream: string, events: readonly RecordedEvent[]): void => {
  const { category } = parseStreamName(stream);
  for (const type of ONCE) require(count(events, [type]) <= 1, stream, `${type} stands twice`);
  require(count(events, REVIEW_ENDS) <= 1, stream, 'the review ends twice');
  require(count(events, GRANT_ENDS) <= 1, stream, 'the grant ends twice');
  require(count(events, ['ExecutionReported']) <= 1, stream, 'the outcome is reported twice');
  if (category === 'reviewattempt' || category === 'grantattempt') {
    require(events.length <= MAX_ATTEMPTS, stream, 'more than twenty attempts are recorded');
  }
};

const assertOpenedAfterApproval = (
  stream: string,
  streams: Streams,
  order: ReadonlyMap<string, number>,
): void => {
  const { category, id } = parseStreamName(stream);
  if (category !== 'grant') return;
  const opened = streams.get(stream)?.[0];
  const approved = streams.get(streamName('review', id))?.find(({ type }) => type === 'ReviewApproved');
  const at = (event: RecordedEvent | undefined): number => order.get(event?.id ?? '') ?? NaN;
  require(at(approved) < at(opened), stream, 'a grant without an approval before it');
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
