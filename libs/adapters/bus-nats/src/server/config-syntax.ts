import type { NatsPermissions } from '@countersign/contracts';

/** nats-server knows JSON's escapes of quotes and backslashes in its own double-quoted strings. */
export const quoted = (text: string): string => JSON.stringify(text);

/** An empty allow-list would allow everything: whoever may nothing is denied everything instead. */
const listOf = (natsSubjects: readonly string[]): string =>
  natsSubjects.length === 0 ? '{ deny: [">"] }' : `{ allow: ${JSON.stringify(natsSubjects)} }`;

/** One user of a `users` list; `login` are its lines, as they stand in the file. */
export const userLines = (login: readonly string[], { publish, subscribe }: NatsPermissions): string[] => [
  '{',
  ...login.map((line) => `  ${line}`),
  '  permissions: {',
  `    publish: ${listOf(publish)}`,
  `    subscribe: ${listOf(subscribe)}`,
  '  }',
  '}',
];

export const indented = (lines: readonly string[], by: number): string[] =>
  lines.map((line) => ' '.repeat(by) + line);
