import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveMethod, type ApiCall } from './api-server.ts';
import { FaultOrders, type FaultOrder } from './fault-orders.ts';
import type { AppReply } from './interactions/app-reply.ts';
import type { Interactivity } from './interactions/deliver.ts';
import { People } from './interactions/people.ts';
import { ResponseUrls } from './interactions/response-urls.ts';
import { signedCall, type SignedCall } from './interactions/signed-call.ts';
import type { Filled } from './interactions/view-values.ts';
import { RateLimits } from './rate-limits.ts';
import { argumentsOf, readBody } from './read-arguments.ts';
import type { SlackClock } from './slack-clock.ts';
import { SlackState, type SlackWorld } from './slack-state.ts';
import { SocketMode } from './socket-mode.ts';
import type { FakeChannel, FakeEphemeral, FakeMessage, FakeTeam, FakeUser, FakeView } from './world.ts';

export interface FakeSlackOptions extends SlackWorld {
  /** The machine's by default. */
  readonly clock?: SlackClock;
  /** Messages that a channel takes at once before it is held to one a second. */
  readonly burst?: number;
  readonly interactivity?: Interactivity;
  /** Milliseconds; Slack gives an app three seconds. */
  readonly ackWithinMs?: number;
}

const POLL_MS = 10;

/**
 * A test tool: a Slack of our own, on a port of its own. It knows the few methods that Countersign calls, checks
 * tokens, scopes and Block Kit's limits, signs what people do, and fails when it is told to. It is not Slack: what
 * it doesn't know, it refuses.
 */
export class FakeSlack {
  readonly apiUrl: string;
  /** Every call of the Web API, the first one first. */
  readonly calls: readonly ApiCall[];
  /** What people do. */
  readonly #people: People;
  readonly #server: Server;
  readonly #state: SlackState;
  readonly #orders: FaultOrders;
  readonly #socketMode: SocketMode;

  private constructor(parts: {
    readonly server: Server;
    readonly calls: readonly ApiCall[];
    readonly state: SlackState;
    readonly orders: FaultOrders;
    readonly socketMode: SocketMode;
    readonly people: People;
  }) {
    this.#server = parts.server;
    this.#state = parts.state;
    this.#orders = parts.orders;
    this.#socketMode = parts.socketMode;
    this.#people = parts.people;
    this.calls = parts.calls;
    this.apiUrl = `${originOf(parts.server)}/api/`;
  }

  static async start(options: FakeSlackOptions): Promise<FakeSlack> {
    const clock = options.clock ?? { nowMs: () => Date.now() };
    const state = new SlackState(options, clock);
    const orders = new FaultOrders();
    const calls: ApiCall[] = [];
    const responseUrls = new ResponseUrls(state);
    const socketMode = new SocketMode((prefix) => state.nextId(prefix));
    const server = createServer();
    const context = {
      state,
      orders,
      limits: new RateLimits(clock, options.burst ?? 1),
      socketUrl: (team: FakeTeam) => originOf(server).replace('http', 'ws') + socketMode.ticket(team),
      heard: (call: ApiCall) => calls.push(call),
    };
    const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const [, kind, name = ''] = (request.url ?? '').split('/');
      if (kind === 'api') await serveMethod(context, name, request, response);
      else if (kind === 'actions') {
        const args = argumentsOf('application/json', await readBody(request));
        response.writeHead(responseUrls.answer(name, args) ? 200 : 404).end();
      } else response.writeHead(404).end();
    };
    server.on('request', (request, response) => {
      serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
    server.on('upgrade', (request, socket, head) => socketMode.upgrade(request, socket, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const people = new People({
      state,
      socketMode,
      responseUrl: (channel, user) => `${originOf(server)}/actions/${responseUrls.make(channel, user)}`,
      interactivity: options.interactivity,
      ackWithinMs: options.ackWithinMs ?? 3_000,
    });
    return new FakeSlack({ server, calls, state, orders, socketMode, people });
  }

  /** Where clicks go from now on. */
  interactTo(interactivity: Interactivity): void {
    this.#people.interactTo(interactivity);
  }

  order(...orders: readonly FaultOrder[]): void {
    for (const order of orders) this.#orders.add(order);
  }

  /** As they are now, the oldest first. */
  messages(channel?: string): readonly FakeMessage[] {
    return this.#state.messages.filter((message) => channel === undefined || message.channel === channel);
  }

  ephemerals(user?: string): readonly FakeEphemeral[] {
    return this.#state.ephemerals.filter((message) => user === undefined || message.user === user);
  }

  /** What is on top on somebody's screen. */
  viewOf(user: string): FakeView | undefined {
    return [...this.#state.views.values()].findLast((view) => view.user === user);
  }

  /** A change of a person or a channel that somebody else makes: deleted, shared, left, archived. */
  changeUser(id: string, change: Partial<FakeUser>): void {
    this.#state.users.set(id, { ...this.#state.user(id), ...change });
  }

  changeChannel(id: string, change: Partial<Omit<FakeChannel, 'id' | 'team'>>): void {
    const channel = this.#state.channels.get(id);
    if (channel === undefined) throw new Error(`There is no channel "${id}".`);
    this.#state.channels.set(id, { ...channel, ...change });
  }

  /** Somebody who may deletes a message of the app's. */
  deleteMessage({ channel, ts }: FakeMessage): void {
    this.#state.messages.splice(this.#state.messages.indexOf(this.#state.message(channel, ts)), 1);
  }

  /** A person presses a button on a message as they see it, which may have changed since. */
  clickButton(message: FakeMessage, actionId: string, user: string): Promise<AppReply> {
    return this.#people.clickButton(message, actionId, user);
  }

  clickInView(view: FakeView, actionId: string): Promise<AppReply> {
    return this.#people.clickInView(view, actionId);
  }

  /** Fills in a view and sends it; does with it what the app's answer says. */
  submitView(view: FakeView, filled: Filled): Promise<AppReply> {
    return this.#people.submitView(view, filled);
  }

  closeView(view: FakeView): Promise<AppReply | undefined> {
    return this.#people.closeView(view);
  }

  /** What was sent to the app's request URL, for tests that send it again, or change it. */
  sent(): readonly SignedCall[] {
    return this.#people.sent;
  }

  /** A call signed as Slack signs. */
  sign(payload: object, { secret, nowMs }: { readonly secret: string; readonly nowMs?: number }): SignedCall {
    return signedCall(payload, secret, nowMs ?? this.#state.nowMs());
  }

  /** Of Socket Mode. */
  connections(appToken: string): number {
    return this.#socketMode.connections(appToken);
  }

  /** Sockets that were ever opened, of all apps. */
  openedSockets(): number {
    return this.#socketMode.opened;
  }

  refreshSockets(reason?: 'warning' | 'refresh_requested'): void {
    this.#socketMode.refresh(reason);
  }

  dropSockets(): void {
    this.#socketMode.drop();
  }

  /** Resolves to what `find` finds, as soon as it does; rejects after 15 seconds. */
  async until<Found>(find: () => Found | undefined): Promise<Found> {
    const giveUpAt = performance.now() + 15_000;
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (performance.now() > giveUpAt) throw new Error('Slack waited for something that never came.');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async stop(): Promise<void> {
    this.#socketMode.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const originOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
