import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Agent, Dispatcher } from 'undici';
import { forwardedHeaders, returnedHeaders } from './hop-headers.ts';
import { answerProblem } from './problems.ts';
import type { ReplicaPool } from './replica-pool.ts';

/** More than any route takes: each service refuses what is too large for itself. */
const MAX_BODY_BYTES = 4 * 1_048_576;

/** The connection wasn't made, so nothing of the request has reached anybody. */
const neverReached = (error: unknown): boolean =>
  error instanceof Error &&
  (('syscall' in error && error.syscall === 'connect') ||
    ('code' in error && error.code === 'UND_ERR_CONNECT_TIMEOUT'));

/** Whole, so that it can go to the next replica where the first isn't there; undefined: too large. */
const bodyOf = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};

/**
 * Hands a request to a ready replica and its answer back. Where a replica can't be connected to, the next one
 * gets it; what may have reached one is never repeated: its sender knows whether that is safe. Who hangs up
 * hangs up on the replica, too.
 */
export const forward = async (
  agent: Agent,
  pool: ReplicaPool,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await bodyOf(request);
  if (body === undefined)
    return answerProblem(response, 'too_large', 'The body is larger than any call takes.');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const call: Omit<Dispatcher.RequestOptions, 'origin'> = {
    path: request.url ?? '/',
    method: request.method ?? 'GET',
    headers: forwardedHeaders(request.rawHeaders, request.headers.connection),
    body: body.length > 0 ? body : null,
    signal: gone.signal,
  };
  for (const origin of pool.candidates()) {
    try {
      return await pass(await agent.request({ ...call, origin }), response);
    } catch (error) {
      if (!neverReached(error)) return lost(response);
      pool.down(origin);
    }
  }
  answerProblem(response, 'no_replica_ready', 'No replica of the service is ready; try again.');
};

const pass = async (answer: Dispatcher.ResponseData, response: ServerResponse): Promise<void> => {
  response.writeHead(answer.statusCode, returnedHeaders(answer.headers));
  await pipeline(answer.body, response);
};

const lost = (response: ServerResponse): void =>
  answerProblem(
    response,
    'replica_lost',
    'The replica was lost before it had answered; repeat the call with the same idempotency key.',
  );
