import { CodedError, type ServiceName } from '@countersign/kernel';

/** The only writer of each category of streams. `<category>-<id>` names a stream. */
export const WRITER_OF = {
  request: 'intake',
  review: 'policy',
  reviewattempt: 'policy',
  grant: 'credentials',
  grantattempt: 'credentials',
  delivery: 'notification',
  interaction: 'notification',
  policyset: 'policy',
  evidence: 'audit',
  system: 'policy',
} as const satisfies Record<string, ServiceName>;

export type Category = keyof typeof WRITER_OF;

export const streamName = (category: Category, id: string): string => `${category}-${id}`;

/** Splits at the first dash; a name without a known category is `malformed_stream`. */
export const parseStreamName = (stream: string): { category: Category; id: string } => {
  const dash = stream.indexOf('-');
  const category = stream.slice(0, dash);
  const id = stream.slice(dash + 1);
  if (dash < 1 || id === '' || !Object.hasOwn(WRITER_OF, category)) {
    throw new CodedError('malformed_stream', `"${stream}" is no stream of Countersign.`, { field: 'stream' });
  }
  return { category: category as Category, id };
};
