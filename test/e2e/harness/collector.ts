import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as OTLP/HTTP's JSON has it. */
export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: readonly {
    readonly key: string;
    readonly value: Readonly<Record<string, unknown>>;
  }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
}

interface ExportedSpans {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly CollectedSpan[] }[];
  }[];
}

interface ExportedMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

const bodyOf = async (request: IncomingMessage): Promise<unknown> =>
  JSON.parse(Buffer.concat(await request.toArray()).toString('utf8'));

/** Receives OTLP over HTTP, as a collector does. */
export class Collector {
  readonly spans: CollectedSpan[] = [];
  readonly metrics = new Set<string>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#take(request).finally(() => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    collector.#server.listen(0, '127.0.0.1');
    await once(collector.#server, 'listening');
    return collector;
  }

  get endpoint(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage): Promise<void> {
    const body = await bodyOf(request);
    if (request.url === '/v1/traces') {
      const { resourceSpans } = body as ExportedSpans;
      for (const { scopeSpans } of resourceSpans) {
        for (const { spans } of scopeSpans) this.spans.push(...spans);
      }
    } else if (request.url === '/v1/metrics') {
      const { resourceMetrics } = body as ExportedMetrics;
      for (const { scopeMetrics } of resourceMetrics) {
        for (const { metrics } of scopeMetrics) for (const { name } of metrics) this.metrics.add(name);
      }
    }
  }
}
