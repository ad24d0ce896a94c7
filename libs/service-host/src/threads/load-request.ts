import {
  actionDigest,
  parsePrivilegedAction,
  requestOf,
  type ActionRequested,
} from '@countersign/domain-action';
import type { RecordedEvent } from '@countersign/event-store';
import { CodedError, isDeepFrozen, isJsonObject, type JsonObject } from '@countersign/kernel';

export interface LoadedRequest {
  readonly request: ActionRequested['data'];
  /** The event itself: the cause of the evaluation, and the bearer of the request's trace. */
  readonly event: RecordedEvent;
}

const malformed = (why: string, cause?: unknown): CodedError =>
  new CodedError('malformed_request_event', `The request's event can't be relied on: ${why}.`, { cause });

/** Requests whose digest was found to fit, and in which nothing can change any more. */
const consistent = new WeakSet<JsonObject>();

/** A digest that doesn't fit would let one action be shown and another be run. */
const requireItsDigest = (data: JsonObject, digest: string): void => {
  if (consistent.has(data)) return;
  const { subject = null, action = null, resource = null, context = null } = data;
  let computed: string;
  try {
    computed = actionDigest(parsePrivilegedAction({ subject, action, resource, context }));
  } catch (cause) {
    throw malformed('it holds no action', cause);
  }
  if (computed !== digest) throw malformed('its digest is not that of its action');
  if (isDeepFrozen(data)) consistent.add(data);
};

/**
 * The request of its verified stream; undefined where there is none. Anything else than one whole,
 * self-consistent request is `malformed_request_event` or `unknown_event_type`: nothing may rest on it.
 */
export const requestFrom = (
  requestId: string,
  events: readonly RecordedEvent[],
): LoadedRequest | undefined => {
  const request = requestOf(events);
  const [event] = events;
  if (request === undefined || event === undefined) return undefined;
  if (events.length !== 1) throw malformed('its stream holds more than one');
  if (!isJsonObject(event.data) || request.requestId !== requestId)
    throw malformed('it names another request');
  requireItsDigest(event.data, request.digest);
  return { request, event };
};
