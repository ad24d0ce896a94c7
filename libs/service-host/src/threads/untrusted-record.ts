import { CodedError } from '@countersign/kernel';
import type { ServiceContext } from '../service-context.ts';

const CODES: ReadonlySet<string> = new Set([
  'signature_invalid',
  'unknown_event_type',
  'unknown_event_version',
  'impossible_event',
  'malformed_request_event',
  'approval_not_proven',
]);

/** Whether an error means that a stream holds what no service of ours writes, or what this build can't know. */
export const isUntrustedRecord = (error: unknown): error is CodedError =>
  error instanceof CodedError && CODES.has(String(error.code));

/** Reads what has to be trusted; where it can't be, the alarm is raised and the error thrown on. */
export const alarmed = <Result>(
  context: Pick<ServiceContext, 'telemetry' | 'log'>,
  requestId: string,
  read: () => Result,
): Result => {
  try {
    return read();
  } catch (error) {
    if (isUntrustedRecord(error)) raiseAlarm(context, requestId, error);
    throw error;
  }
};

/** Somebody has to look: a log line with `event` `countersign.alarm`, and `countersign.alarms` by code. */
export const raiseAlarm = (
  { telemetry, log }: Pick<ServiceContext, 'telemetry' | 'log'>,
  requestId: string,
  error: CodedError,
): void => {
  telemetry.metrics.alarms.add(1, { code: error.code });
  log.error("ALARM: a request's record can't be trusted.", { event: 'countersign.alarm', requestId, error });
};
