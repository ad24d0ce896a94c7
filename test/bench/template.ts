import { randomUUID } from 'node:crypto';
import { parseStreamName, type RecordedEvent, type UnsignedEnvelope } from '@countersign/event-store';

/** One append of a thread as it happened, ready to be said again of another request. */
export interface TemplateAppend {
  readonly category: string;
  readonly service: UnsignedEnvelope['metadata']['service'];
  readonly first: number;
  readonly events: readonly string[];
}

/** A whole request as it really went: every append of every stream that bears its id, in log order. */
export type ThreadTemplate = readonly TemplateAppend[];

export interface CopiedAppend {
  readonly stream: string;
  readonly service: TemplateAppend['service'];
  readonly first: number;
  readonly events: readonly UnsignedEnvelope[];
}

/** Ids, and the times by which a request is found. */
const NAMES =
  /[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

const unsigned = ({ id, type, schemaVersion, data, metadata }: RecordedEvent): UnsignedEnvelope => {
  const { signature: _signature, ...rest } = metadata;
  return { id, type, schemaVersion, data, metadata: rest };
};

export const threadTemplate = (requestId: string, log: readonly RecordedEvent[]): ThreadTemplate => {
  const ofThread = log.filter(({ stream }) => parseStreamName(stream).id === requestId);
  const byAppend = Map.groupBy(ofThread, ({ stream, metadata }) => `${stream} ${metadata.signature.first}`);
  return [...byAppend.values()].flatMap((events) => {
    const [head] = events;
    if (head === undefined) return [];
    return {
      category: parseStreamName(head.stream).category,
      service: head.metadata.service,
      first: head.revision,
      events: events.map((event) => JSON.stringify(unsigned(event))),
    };
  });
};

/** The same thread of another request, with ids of its own and so much earlier. */
export const copyThread = (
  requestId: string,
  template: ThreadTemplate,
  earlierMs: number,
): CopiedAppend[] => {
  const original = requestIdOf(template);
  const names = new Map([[original, requestId]]);
  const rename = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const renamed = name.endsWith('Z') ? new Date(Date.parse(name) - earlierMs).toISOString() : randomUUID();
    names.set(name, renamed);
    return renamed;
  };
  return template.map(({ category, service, first, events }) => ({
    stream: `${category}-${requestId}`,
    service,
    first,
    events: events.map((event) => JSON.parse(event.replace(NAMES, rename)) as UnsignedEnvelope),
  }));
};

const requestIdOf = ([head]: ThreadTemplate): string => {
  const { metadata } = JSON.parse(head?.events[0] ?? '') as UnsignedEnvelope;
  return metadata.correlationId;
};
