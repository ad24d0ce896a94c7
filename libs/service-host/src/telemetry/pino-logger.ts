import { isSpanContextValid, trace } from '@opentelemetry/api';
import { destination, pino, type DestinationStream, type Logger as Pino } from 'pino';
import type { LogLevel } from '../config/service-config.ts';
import type { LogFields, Logger } from './logger.ts';
import { redact, redactText } from './redact.ts';

const STDERR = 2;

const traceIds = (): Record<string, string> => {
  const span = trace.getActiveSpan()?.spanContext();
  return span !== undefined && isSpanContextValid(span)
    ? { trace_id: span.traceId, span_id: span.spanId }
    : {};
};

const redactFields = (fields: LogFields): Record<string, unknown> =>
  redact(fields) as Record<string, unknown>;

class PinoLogger implements Logger {
  readonly #pino: Pino;

  constructor(base: Pino) {
    this.#pino = base;
  }

  debug(message: string, fields: LogFields = {}): void {
    if (this.#pino.isLevelEnabled('debug')) this.#pino.debug(redactFields(fields), redactText(message));
  }

  info(message: string, fields: LogFields = {}): void {
    if (this.#pino.isLevelEnabled('info')) this.#pino.info(redactFields(fields), redactText(message));
  }

  warn(message: string, fields: LogFields = {}): void {
    if (this.#pino.isLevelEnabled('warn')) this.#pino.warn(redactFields(fields), redactText(message));
  }

  error(message: string, fields: LogFields = {}): void {
    this.#pino.error(redactFields(fields), redactText(message));
  }

  child(fields: LogFields): Logger {
    return new PinoLogger(this.#pino.child(redactFields(fields)));
  }
}

/**
 * Lines on stderr, so that stdout stays free for what a process shows to people. Written synchronously: the
 * last line before a crash is the one that is needed.
 */
export const createLogger = (
  level: LogLevel,
  fields: LogFields,
  stream: DestinationStream = destination({ fd: STDERR, sync: true }),
): Logger =>
  new PinoLogger(
    pino(
      {
        level,
        base: { ...fields },
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        mixin: traceIds,
      },
      stream,
    ),
  );
