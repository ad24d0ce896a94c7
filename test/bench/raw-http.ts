import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

interface Waiting {
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
}

const HEAD_END = '\r\n\r\n';

interface Body {
  readonly text: string;
  /** On the wire. */
  readonly length: number;
}

/** The body at the beginning of what was received; undefined: not all of it is here. */
const bodyAfter = (head: string, received: Buffer): Body | undefined => {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunkedBody(received);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  if (received.length < length) return undefined;
  return { text: received.toString('utf8', 0, length), length };
};

const chunkedBody = (received: Buffer): Body | undefined => {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const sizeEnd = received.indexOf('\r\n', at);
    if (sizeEnd < 0) return undefined;
    const size = Number.parseInt(received.toString('latin1', at, sizeEnd), 16);
    const next = sizeEnd + 2 + size + 2;
    if (received.length < next) return undefined;
    if (size === 0) return { text: Buffer.concat(chunks).toString('utf8'), length: next };
    chunks.push(received.subarray(sizeEnd + 2, sizeEnd + 2 + size));
    at = next;
  }
};

/**
 * One kept-alive HTTP/1.1 connection, one call at a time, and as little as that takes: what a client costs
 * is paid by both sides of a ratio and would draw it towards one.
 */
export class RawHttp {
  readonly #socket: Socket;
  readonly #host: string;
  #received: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;

  private constructor(socket: Socket, host: string) {
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('The server closed the connection.')));
  }

  /** `address`: `http://127.0.0.1:41234` */
  static async open(address: string): Promise<RawHttp> {
    const { hostname, port, host } = new URL(address);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawHttp(socket, host);
  }

  get(path: string, token: string): Promise<HttpAnswer> {
    return this.#call(
      `GET ${path} HTTP/1.1\r\nhost: ${this.#host}\r\nauthorization: Bearer ${token}\r\n\r\n`,
    );
  }

  post(path: string, token: string, body: object): Promise<HttpAnswer> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    return this.postText(path, headers, JSON.stringify(body));
  }

  postText(path: string, headers: Readonly<Record<string, string>>, text: string): Promise<HttpAnswer> {
    const lines = Object.entries({ host: this.#host, ...headers, 'content-length': Buffer.byteLength(text) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    return this.#call(`POST ${path} HTTP/1.1\r\n${head}\r\n${text}`);
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #call(message: string): Promise<HttpAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
    this.#waiting = { resolve, reject };
    this.#socket.write(message);
    return promise;
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const body = bodyAfter(head, this.#received.subarray(headEnd + HEAD_END.length));
    if (body === undefined) return;
    this.#received = this.#received.subarray(headEnd + HEAD_END.length + body.length);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({
      status: Number(head.slice(9, 12)),
      json: body.text === '' ? undefined : JSON.parse(body.text),
    });
  }
}
