import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectorAnswer } from './connector.ts';
import type { Fault } from './faults.ts';

/** A fault comes before what was asked is done, or after. */
export const answerWith = (
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
  done: () => ConnectorAnswer,
): void => {
  const isDone =
    fault === undefined || fault.kind === 'lost-answer' || (fault.kind === 'drop' && fault.applied);
  const answer = isDone ? done() : undefined;
  if (fault === undefined) return send(response, answer ?? { status: 500, body: {} });
  if (fault.kind === 'drop') return void request.socket.destroy();
  if (fault.kind === 'silence') return;
  if (fault.kind === 'nonsense') return void response.writeHead(200).end(fault.said);
  const retryAfter =
    fault.kind === 'status' && fault.retryAfterS !== undefined ? { retryAfter: fault.retryAfterS } : {};
  send(response, { status: fault.status, body: { error: { code: 'ServiceError' } }, ...retryAfter });
};

export const send = (response: ServerResponse, { status, body, retryAfter }: ConnectorAnswer): void => {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
  });
  response.end(JSON.stringify(body));
};
