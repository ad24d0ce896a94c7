import type { IncomingMessage } from 'node:http';

const MOST_BYTES = 1_000_000;

export const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('This is more than anybody sends to Slack.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** A form's or a JSON object's members; Slack takes both. */
export const argumentsOf = (contentType: string, body: string): Readonly<Record<string, unknown>> => {
  if (contentType.startsWith('application/json')) {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  }
  return Object.fromEntries(new URLSearchParams(body));
};
