import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { FaultReport } from '../harness/report.ts';
import type { Seed } from '../harness/seed.ts';
import {
  FaultyFlow,
  NO_FAULTS,
  type Cut,
  type Disturbance,
  type FlowOptions,
  type MessageFaultRates,
} from './faulty-flow.ts';
import { FrameReader } from './frame-reader.ts';

/**
 * After this both ends of a half-open connection are told, as by a kernel that gives up: nats-server 2.9 takes what
 * it sends for a sign of life, so one that it goes on sending to would keep its place in queue groups for ever.
 */
const GIVE_UP_MS = 20_000;

/** Which draws decide, and who counts. */
export interface Injecting {
  readonly seed: Seed;
  readonly report: FaultReport;
}

/**
 * Stands between NATS clients and a nats-server without TLS. It does nothing but pass on, until it is told to
 * {@link NatsFaultProxy.disturb} messages or to {@link NatsFaultProxy.cut} connections. It may leave out, double and
 * move whole messages; it never changes one, nor what isn't a message. Each direction of each connection draws from a
 * fork of the seed; how connections and messages interleave is the machine's.
 */
export class NatsFaultProxy {
  readonly #port: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #disturbance: Disturbance | undefined;
  #accepted = 0;
  #away = false;

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client));
  }

  /** Before the server at this port of 127.0.0.1, up or down. */
  static async start(port: number): Promise<NatsFaultProxy> {
    const proxy = new NatsFaultProxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    const address = this.#server.address() as AddressInfo;
    return address.port;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** How many connections it carries, those included that are half open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** From now on, on every connection, both ways. */
  disturb(rates: Partial<MessageFaultRates>, { seed, report }: Injecting): void {
    this.#disturbance = { rates: { ...NO_FAULTS, ...rates }, seed, report };
  }

  /** Disturbs no more, and takes everybody; what is delayed arrives. */
  calm(): void {
    this.#disturbance = undefined;
    this.#away = false;
  }

  /** Cuts every connection that works. New ones are taken. */
  cut(how: Cut, report: FaultReport): void {
    for (const pair of this.#pairs) pair.cut(how, report);
  }

  /** Cuts off everybody who comes this way: every connection, and each new one, until it is {@link calm} again. */
  isolate(how: Cut, report: FaultReport): void {
    this.#away = true;
    this.cut(how, report);
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) pair.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    if (this.#away) {
      client.on('error', () => undefined).resetAndDestroy();
      return;
    }
    this.#accepted += 1;
    const pair = new Pair(client, connect({ port: this.#port, host: '127.0.0.1', noDelay: true }), {
      name: String(this.#accepted),
      disturbance: () => this.#disturbance,
      onEnd: () => this.#pairs.delete(pair),
    });
    this.#pairs.add(pair);
  }
}

interface PairOptions extends Pick<FlowOptions, 'name' | 'disturbance'> {
  readonly onEnd: () => void;
}

/** A client's connection and the one to the server that carries it on. */
class Pair {
  readonly #sockets: readonly [client: Socket, server: Socket];
  readonly #options: PairOptions;
  readonly #flows: readonly FaultyFlow[];
  #isCut = false;
  #givingUp: NodeJS.Timeout | undefined;

  constructor(client: Socket, server: Socket, options: PairOptions) {
    this.#sockets = [client, server];
    this.#options = options;
    this.#flows = [this.#flow('up', client, server), this.#flow('down', server, client)];
  }

  cut(how: Cut, report: FaultReport): void {
    if (this.#isCut) return;
    this.#isCut = true;
    report.injected(`nats cut ${how}`);
    for (const flow of this.#flows) flow.end();
    if (how === 'half-open') {
      this.#givingUp = setTimeout(() => this.destroy(), GIVE_UP_MS);
      return;
    }
    for (const socket of this.#sockets) {
      if (how === 'reset') socket.resetAndDestroy();
      else socket.end();
    }
  }

  destroy(): void {
    clearTimeout(this.#givingUp);
    for (const flow of this.#flows) flow.end();
    for (const socket of this.#sockets) socket.destroy();
  }

  #flow(direction: string, from: Socket, to: Socket): FaultyFlow {
    const flow = new FaultyFlow({
      name: `${this.#options.name} ${direction}`,
      disturbance: this.#options.disturbance,
      send: (bytes) => this.#send(bytes, from, to),
      cut: (how, report) => this.cut(how, report),
    });
    const reader = new FrameReader();
    from.on('data', (chunk: Buffer) => {
      for (const frame of reader.push(chunk)) if (!this.#isCut) flow.pass(frame);
    });
    from.on('error', () => undefined);
    from.on('close', () => this.#closed(to));
    return flow;
  }

  #send(bytes: Buffer, from: Socket, to: Socket): void {
    if (this.#isCut || !to.writable || to.write(bytes) || from.isPaused()) return;
    from.pause();
    to.once('drain', () => from.resume());
  }

  /** One end is gone. Where the connection was half open the other end isn't told. */
  #closed(other: Socket): void {
    if (!this.#isCut) other.end();
    if (!this.#sockets.every(({ destroyed }) => destroyed)) return;
    clearTimeout(this.#givingUp);
    this.#options.onEnd();
  }
}
