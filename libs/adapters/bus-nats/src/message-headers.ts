import { toTimestamp, type Timestamp } from '@countersign/kernel';
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { context, propagation, ROOT_CONTEXT, type Context } from '@opentelemetry/api';

/** The moment (RFC 3339) after which nobody waits for the answer and the call must not be begun. */
const DEADLINE_HEADER = 'Countersign-Deadline';

/** Carries the active trace (W3C Trace Context, where a propagator is registered). */
export const traceHeaders = (): MsgHdrs => {
  const carrier = headers();
  propagation.inject(context.active(), carrier, { set: (to, key, value) => to.set(key, value) });
  return carrier;
};

export const callHeaders = (deadlineAtMs: number): MsgHdrs => {
  const carrier = traceHeaders();
  carrier.set(DEADLINE_HEADER, toTimestamp(deadlineAtMs));
  return carrier;
};

/** The one deadline of a call; undefined where it is absent, doubled or no time. */
export const deadlineOf = (carrier: MsgHdrs | undefined): Timestamp | undefined => {
  const [deadline, ...others] = carrier?.values(DEADLINE_HEADER) ?? [];
  if (deadline === undefined || others.length > 0) return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(deadline) ? deadline : undefined;
};

export const traceContextOf = (carrier: MsgHdrs | undefined): Context =>
  carrier === undefined
    ? ROOT_CONTEXT
    : propagation.extract(ROOT_CONTEXT, carrier, {
        keys: (from) => from.keys(),
        get: (from, key) => from.get(key) || undefined,
      });
