import { context, SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api';

const tracer = () => trace.getTracer('@countersign/bus-nats');

/** Runs work in a span named by OpenTelemetry's messaging conventions; free where no SDK is registered. */
const inSpan = <T>(
  operation: 'send' | 'process',
  kind: SpanKind,
  natsSubject: string,
  parent: Context,
  work: () => Promise<T>,
): Promise<T> => {
  const attributes = {
    'messaging.system': 'nats',
    'messaging.operation.name': operation === 'send' ? 'request' : 'process',
    'messaging.operation.type': operation,
    'messaging.destination.name': natsSubject,
  };
  return tracer().startActiveSpan(`${operation} ${natsSubject}`, { kind, attributes }, parent, (span) =>
    work()
      .catch((error: unknown) => {
        markFailed(span, error);
        throw error;
      })
      .finally(() => span.end()),
  );
};

const markFailed = (span: Span, error: unknown): void => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'internal_error';
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
};

export const inSendSpan = <T>(natsSubject: string, work: () => Promise<T>): Promise<T> =>
  inSpan('send', SpanKind.CLIENT, natsSubject, context.active(), work);

export const inProcessSpan = <T>(natsSubject: string, parent: Context, work: () => Promise<T>): Promise<T> =>
  inSpan('process', SpanKind.SERVER, natsSubject, parent, work);
