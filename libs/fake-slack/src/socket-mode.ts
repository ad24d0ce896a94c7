import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { AppReply } from './interactions/app-reply.ts';
import type { FakeTeam } from './world.ts';

interface Ack {
  readonly envelope_id?: unknown;
  readonly payload?: unknown;
}

/** Slack's end of Socket Mode: `hello`, envelopes and their acks, `disconnect`. */
export class SocketMode {
  readonly #server = new WebSocketServer({ noServer: true });
  /** Each opens one connection, once. */
  readonly #tickets = new Map<string, string>();
  readonly #sockets = new Map<WebSocket, string>();
  #opened = 0;
  readonly #awaited = new Map<string, (reply: AppReply) => void>();
  readonly #nextId: (prefix: string) => string;

  constructor(nextId: (prefix: string) => string) {
    this.#nextId = nextId;
  }

  /** For `apps.connections.open`: what stands after the host. */
  ticket(team: FakeTeam): string {
    const ticket = this.#nextId('ticket-');
    this.#tickets.set(ticket, team.appToken ?? '');
    return `/link/?ticket=${ticket}&app_id=A0FAKE`;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://fake').searchParams.get('ticket') ?? '';
    const appToken = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    if (appToken === undefined) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (opened) => this.#welcome(opened, appToken));
  }

  /** How many connections an app has open. */
  connections(appToken: string): number {
    return this.#of(appToken).length;
  }

  /** How many ever were. */
  get opened(): number {
    return this.#opened;
  }

  /** To one of the app's connections; what it acks with, or 504 where it doesn't in time. */
  deliver(team: FakeTeam, payload: object, withinMs: number): Promise<AppReply> {
    const [socket] = this.#of(team.appToken ?? '');
    if (socket === undefined) return Promise.resolve({ status: 503, body: '' });
    const id = this.#nextId('envelope-');
    return new Promise((resolve) => {
      const end = (reply: AppReply): void => {
        clearTimeout(timer);
        this.#awaited.delete(id);
        resolve(reply);
      };
      const timer = setTimeout(() => end({ status: 504, body: '' }), withinMs);
      this.#awaited.set(id, end);
      socket.send(
        JSON.stringify({ type: 'interactive', envelope_id: id, accepts_response_payload: true, payload }),
      );
    });
  }

  /** As Slack does every few hours: the app is to come again. */
  refresh(reason: 'warning' | 'refresh_requested' = 'refresh_requested'): void {
    for (const socket of this.#sockets.keys()) {
      socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'fake' } }));
    }
  }

  /** As a network does. */
  drop(): void {
    for (const socket of this.#sockets.keys()) socket.terminate();
  }

  close(): void {
    this.drop();
    this.#server.close();
  }

  #of(appToken: string): readonly WebSocket[] {
    return [...this.#sockets].flatMap(([socket, token]) => (token === appToken ? [socket] : []));
  }

  #welcome(socket: WebSocket, appToken: string): void {
    this.#opened += 1;
    this.#sockets.set(socket, appToken);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => this.#sockets.delete(socket));
    socket.on('message', (data: Buffer) => this.#acked(data.toString('utf8')));
    const num_connections = this.connections(appToken);
    socket.send(
      JSON.stringify({
        type: 'hello',
        num_connections,
        connection_info: { app_id: 'A0FAKE' },
        debug_info: { host: 'fake', approximate_connection_time: 18_060 },
      }),
    );
  }

  #acked(text: string): void {
    const { envelope_id, payload }: Ack = JSON.parse(text) as Ack;
    const isEmpty = typeof payload !== 'object' || payload === null || Object.keys(payload).length === 0;
    this.#awaited.get(String(envelope_id))?.({ status: 200, body: isEmpty ? '' : JSON.stringify(payload) });
  }
}
