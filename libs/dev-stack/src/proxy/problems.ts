import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';

const STATUS = {
  bad_request: 400,
  not_found: 404,
  too_large: 413,
  no_replica_ready: 503,
  replica_lost: 503,
} as const;

export type ProxyProblem = keyof typeof STATUS;

/** What the proxy itself answers with, beside what services do. */
export const UNAVAILABLE: readonly ProxyProblem[] = ['no_replica_ready', 'replica_lost'];

/** RFC 9457, in the shape of the services' own problems. */
export const answerProblem = (response: ServerResponse, code: ProxyProblem, detail: string): void => {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const status = STATUS[code];
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  const type = `urn:countersign:problem:${code}`;
  const instance = `urn:uuid:${randomUUID()}`;
  response.end(JSON.stringify({ type, title: STATUS_CODES[status], status, code, detail, instance }));
};
