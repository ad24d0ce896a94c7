import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault, FaultOrders } from './fault-orders.ts';
import { CHAT_METHODS } from './methods/chat.ts';
import { CONVERSATION_METHODS } from './methods/conversations.ts';
import { IDENTITY_METHODS } from './methods/identity.ts';
import type { Method, MethodCall } from './methods/method.ts';
import { VIEW_METHODS } from './methods/views.ts';
import type { RateLimits } from './rate-limits.ts';
import { argumentsOf, readBody } from './read-arguments.ts';
import { HttpRefusal, SlackRefusal } from './slack-refusal.ts';
import type { SlackState } from './slack-state.ts';
import type { FakeTeam } from './world.ts';

const METHODS: Readonly<Record<string, Method>> = {
  ...CHAT_METHODS,
  ...CONVERSATION_METHODS,
  ...IDENTITY_METHODS,
  ...VIEW_METHODS,
};

/** The methods it serves, and the scope each asks for. */
export const METHOD_NAMES: readonly string[] = Object.keys(METHODS);

export interface ApiCall {
  readonly method: string;
  readonly team: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What was answered: Slack's code, a status of HTTP, or `ok`. */
  readonly answer: string;
  /** The scope that it took; empty where it took none. */
  readonly scope: string;
}

export interface ApiContext {
  readonly state: SlackState;
  readonly limits: RateLimits;
  readonly orders: FaultOrders;
  readonly socketUrl: (team: FakeTeam) => string;
  readonly heard: (call: ApiCall) => void;
}

type Answer = Readonly<Record<string, unknown>>;

/** Slack's Web API: `POST /api/<method>`. */
export const serveMethod = async (
  context: ApiContext,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await readBody(request);
  const fault = context.orders.take(name);
  if (fault?.kind === 'hold') await fault.until;
  if (fault?.kind === 'drop-before') {
    request.socket.destroy();
    return;
  }
  try {
    const answer = answerOf(context, name, request, body, fault);
    if (fault?.kind === 'drop-after') request.socket.destroy();
    else if (fault?.kind === 'status-after') response.writeHead(fault.status).end('upstream error');
    else sendJson(response, { ok: true, ...answer });
  } catch (error) {
    if (error instanceof HttpRefusal) response.writeHead(error.status, error.headers).end();
    else if (error instanceof SlackRefusal)
      sendJson(response, { ok: false, error: error.code, ...error.members });
    else throw error;
  }
};

const answerOf = (
  context: ApiContext,
  name: string,
  request: IncomingMessage,
  body: string,
  fault: Fault | undefined,
): Answer => {
  const args = argumentsOf(request.headers['content-type'] ?? '', body);
  let team = 'nobody';
  let scope = '';
  const heard = (answer: string): void => context.heard({ method: name, team, args, answer, scope });
  try {
    orderedRefusal(fault);
    const method = METHODS[name];
    if (method === undefined) throw new SlackRefusal('unknown_method');
    const found = teamOf(context.state, method, request);
    team = found.id;
    const call: MethodCall = { ...context, team: found, args };
    scope = method.scope(call);
    if (scope !== '' && !found.scopes.includes(scope)) {
      throw new SlackRefusal('missing_scope', { needed: scope, provided: found.scopes.join(',') });
    }
    const answer = method.run(call);
    heard('ok');
    return answer;
  } catch (error) {
    heard(error instanceof Error ? error.message : String(error));
    throw error;
  }
};

const orderedRefusal = (fault: Fault | undefined): void => {
  if (fault?.kind === 'refuse') throw new SlackRefusal(fault.code);
  if (fault?.kind !== 'status') return;
  const { status, retryAfterS } = fault;
  throw new HttpRefusal(status, retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) });
};

/** By the header alone, as every client of today sends it. */
const teamOf = (state: SlackState, { token: kind }: Method, { headers }: IncomingMessage): FakeTeam => {
  const token = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) throw new SlackRefusal('not_authed');
  const team = state.teams.find(({ botToken, appToken }) => token === botToken || token === appToken);
  if (team === undefined) throw new SlackRefusal('invalid_auth');
  if (token !== (kind === 'app' ? team.appToken : team.botToken)) {
    throw new SlackRefusal('not_allowed_token_type');
  }
  return team;
};

const sendJson = (response: ServerResponse, body: Answer): void => {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
};
