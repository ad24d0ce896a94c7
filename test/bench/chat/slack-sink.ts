import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Post {
  /** Epoch milliseconds, with fractions: when all of it had arrived. */
  readonly atMs: number;
  readonly body: string;
}

const epochMs = (): number => performance.timeOrigin + performance.now();

type Answer = Readonly<Record<string, unknown>>;

/** Answers what our adapter calls, at once and without a look at what it is sent. */
export class SlackSink {
  readonly posts: Post[] = [];
  readonly #server: Server;
  readonly #waiting: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<SlackSink> {
    const server = createServer();
    const sink = new SlackSink(server);
    server.on('request', (request, response) => {
      void sink
        .#answer(request)
        .then((answer) =>
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
        );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get apiUrl(): string {
    // Of a server that listens on TCP it is never a string.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api/`;
  }

  /** The first post that holds this, as soon as it has come. */
  async postWith(words: string): Promise<Post> {
    for (;;) {
      const found = this.posts.find(({ body }) => body.includes(words));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const body = await text(request);
    const method = request.url?.replace('/api/', '') ?? '';
    if (method === 'chat.postMessage') return this.#posted(body);
    if (method === 'conversations.info') return { ok: true, channel: { id: 'C0BENCH', is_private: true } };
    if (method === 'users.info')
      return { ok: true, user: { id: new URLSearchParams(body).get('user'), team_id: 'T0BENCH' } };
    return { ok: true };
  }

  #posted(body: string): Answer {
    this.posts.push({ atMs: epochMs(), body });
    for (const resolve of this.#waiting.splice(0)) resolve();
    return { ok: true, channel: 'C0BENCH', ts: `1700000000.${String(this.posts.length).padStart(6, '0')}` };
  }
}
