import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AccessTokens } from './access-tokens.ts';
import { cardAction, type ActivityFrame } from './activities.ts';
import { answerWith, send } from './answer-with.ts';
import { BotTokens, type TokenChanges } from './bot-tokens.ts';
import { ClientCredentials } from './client-credentials.ts';
import { cardOf, type ShownCard } from './card-rules.ts';
import { Connector, type ConnectorAnswer } from './connector.ts';
import {
  Conversations,
  type FakeConversation,
  type FakePerson,
  type PostedMessage,
} from './conversations.ts';
import { Faults, RateLimit, TEAMS_RATES, type Rate } from './faults.ts';
import { Graph } from './graph.ts';
import { seenCard, sentBy, shownOf, type Shown } from './person-client.ts';

export interface FakeTeamsOptions {
  readonly appId?: string;
  readonly appSecret?: string;
  /** Teams' own where none are given. */
  readonly rates?: readonly Rate[];
}

export interface Delivered {
  readonly status: number;
  readonly body: string;
}

export interface Click {
  readonly person: FakePerson;
  readonly messageId: string;
  readonly verb: string;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Which of several buttons with this verb: by members of its data. */
  readonly data?: Readonly<Record<string, unknown>>;
}

const TOKEN_PATH = /^\/(?:([0-9a-f-]{36})\/)?oauth2\/v2\.0\/token$/;
const OPENID_PATH = '/v1/.well-known/openidconfiguration';

/**
 * A Microsoft Teams for tests: the Bot Connector's interface, Graph's for messages, the token endpoint, the published
 * keys, and people who see cards and use their buttons. It proves itself by real tokens, checks ours, and shows each person what Teams
 * would show to that person.
 */
export class FakeTeams {
  readonly appId: string;
  readonly appSecret: string;
  readonly conversations = new Conversations();
  readonly faults = new Faults();
  /** For calls to Graph; those of `faults` are for the connector. */
  readonly graphFaults = new Faults();
  readonly graph: Graph;
  readonly credentials: ClientCredentials;
  readonly accessTokens: AccessTokens;
  /** Calls to the connector, faults and refusals included: `POST /v3/conversations/...`. */
  readonly calls: string[] = [];
  readonly #connector = new Connector(this.conversations);
  readonly #rates: RateLimit;
  readonly #server: Server;
  #tokens: BotTokens | undefined;
  #botUrl: string | undefined;

  private constructor({ appId = randomUUID(), appSecret = randomUUID(), rates }: FakeTeamsOptions) {
    this.appId = appId;
    this.appSecret = appSecret;
    this.credentials = new ClientCredentials(appId, appSecret);
    this.accessTokens = new AccessTokens(this.credentials);
    this.graph = new Graph(this.conversations, appId);
    this.#rates = new RateLimit(rates ?? TEAMS_RATES);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(options: FakeTeamsOptions = {}): Promise<FakeTeams> {
    const teams = new FakeTeams(options);
    await new Promise<void>((resolve) => teams.#server.listen(0, '127.0.0.1', resolve));
    teams.#tokens = await BotTokens.make(teams.appId, teams.serviceUrl);
    return teams;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    // Of a server that listens on TCP it is never a string.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get serviceUrl(): string {
    return `${this.url}/emea/`;
  }

  /** Where a bot asks for tokens, for the keys of those that it is shown, and for messages. */
  get endpoints(): Readonly<Record<'tokenUrl' | 'openIdMetadataUrl' | 'loginUrl' | 'graphUrl', string>> {
    return {
      tokenUrl: `${this.url}/oauth2/v2.0/token`,
      openIdMetadataUrl: this.url + OPENID_PATH,
      loginUrl: `${this.url}/`,
      graphUrl: `${this.url}/graph/`,
    };
  }

  /** The bot's messaging endpoint. */
  connectBot(url: string): void {
    this.#botUrl = url;
  }

  mint(changes?: TokenChanges): Promise<string> {
    if (this.#tokens === undefined) throw new Error('Start it first.');
    return this.#tokens.mint(changes);
  }

  frame(conversation: FakeConversation, from: FakePerson): ActivityFrame {
    return { appId: this.appId, serviceUrl: this.serviceUrl, conversation, from };
  }

  /** Sends an activity to the bot with a good token, or the one given. */
  async deliver(activity: object, token?: string): Promise<Delivered> {
    if (this.#botUrl === undefined) throw new Error('Connect a bot first.');
    const response = await fetch(this.#botUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: `Bearer ${token ?? (await this.mint())}`,
      },
      body: JSON.stringify(activity),
    });
    return { status: response.status, body: await response.text() };
  }

  message(id: string): PostedMessage {
    const message = this.conversations.messages.get(id);
    if (message === undefined) throw new Error(`There is no message ${id}.`);
    return message;
  }

  /** What a person sees of a message: the card, whoever's view it is. */
  seenBy(person: FakePerson, messageId: string): ShownCard {
    const message = this.message(messageId);
    return seenCard(message, cardOf(message.activity), person.aadObjectId);
  }

  /** The activity that a person's click on what they see would send. */
  clickActivity({
    person,
    messageId,
    verb,
    inputs = {},
    data: wanted = {},
  }: Click): Readonly<Record<string, unknown>> {
    const conversation = this.conversations.all.get(this.message(messageId).conversationId);
    if (conversation === undefined) throw new Error('The conversation is gone.');
    const data = sentBy(this.seenBy(person, messageId), { verb, data: wanted }, inputs);
    return cardAction(this.frame(conversation, person), { verb, data, messageId });
  }

  /** A person uses a button, and is shown the answer; nobody else sees anything of it. */
  async click(click: Click): Promise<Shown> {
    const { status, body } = await this.deliver(this.clickActivity(click));
    const shown = shownOf(status, body);
    if (shown.kind === 'card')
      this.message(click.messageId).ownViews.set(click.person.aadObjectId, shown.card);
    return shown;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await text(request);
    const answer = await this.#openAnswer(url, body);
    if (answer !== undefined) send(response, answer);
    else if (url.pathname.startsWith('/graph/')) this.#read(request, response, url);
    else if (url.pathname.startsWith('/emea/v3/')) this.#connect(request, response, url, body);
    else send(response, { status: 404, body: {} });
  }

  /** What is answered to anybody. */
  async #openAnswer({ origin, pathname }: URL, body: string): Promise<ConnectorAnswer | undefined> {
    const token = TOKEN_PATH.exec(pathname);
    if (token !== null)
      return this.accessTokens.grant(new URLSearchParams(body), { url: origin + pathname, tenant: token[1] });
    if (pathname === '/keys') return { status: 200, body: this.#tokens?.jwks };
    if (pathname !== OPENID_PATH) return undefined;
    return {
      status: 200,
      body: {
        issuer: 'https://api.botframework.com',
        jwks_uri: `${this.url}/keys`,
        id_token_signing_alg_values_supported: ['RS256'],
      },
    };
  }

  #read(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const { method = 'GET' } = request;
    this.graph.calls.push(`${method} ${url.pathname.replace('/graph', '')}`);
    const tenant = this.accessTokens.graphTenant(request.headers.authorization);
    const answer = (): ConnectorAnswer => this.graph.answer({ method, url, tenant });
    answerWith(request, response, this.graphFaults.take(method), answer);
  }

  #connect(request: IncomingMessage, response: ServerResponse, url: URL, body: string): void {
    const method = request.method ?? 'GET';
    this.calls.push(`${method} ${url.pathname.replace('/emea', '')}`);
    if (!this.accessTokens.isGood(request.headers.authorization))
      return send(response, { status: 401, body: { error: { code: 'Unauthorized' } } });
    answerWith(request, response, this.faults.take(method), () => this.#answer(method, url, body));
  }

  #answer(method: string, url: URL, body: string): ConnectorAnswer {
    const path = url.pathname.split('/').slice(2).map(decodeURIComponent);
    const isSent = method !== 'GET' && path[2] !== undefined;
    const wait = isSent ? this.#rates.refuse(path[2] ?? '', Date.now()) : undefined;
    if (wait !== undefined) return { status: 429, body: { error: { code: 'Throttled' } }, retryAfter: wait };
    const parsed: unknown = body === '' ? undefined : JSON.parse(body);
    return this.#connector.answer({ method, path, query: url.searchParams, body: parsed });
  }
}
