import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  AuthenticationError,
  createHttpApp,
  Lifecycle,
  readConfig,
  SILENT_LOGGER,
  type Caller,
  type HttpApp,
  type HttpAppOptions,
  type ServiceContext,
} from '@countersign/service-host';

/** What a process gives a service beside its world. */
export type Surroundings = Pick<ServiceContext, 'config' | 'lifecycle' | 'authenticator' | 'viewPath'>;

type Module = HttpAppOptions['modules'][number];

/** What the host itself needs of the service's context. */
type Hosted = Pick<ServiceContext, 'telemetry' | 'log'>;

export interface ServiceOverHttpOptions<Context extends Hosted & Surroundings> {
  /** The service's context in these surroundings. */
  readonly context: (surroundings: Surroundings) => Context;
  readonly module: (context: Context) => Module;
  readonly callerOf: (type: string, id: string) => Caller | Promise<Caller>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

const READY_POLL_MS = 10;
const STOP_MS = 5_000;

/** One service as a process hosts it, in a folder of its own, without a socket: ready when it is given. */
export class ServiceOverHttp {
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-service-'));
  readonly #lifecycle = new Lifecycle(SILENT_LOGGER);
  #http: HttpApp | undefined;

  static async start<Context extends Hosted & Surroundings>(
    options: ServiceOverHttpOptions<Context>,
  ): Promise<ServiceOverHttp> {
    const service = new ServiceOverHttp();
    await service.#start(options);
    return service;
  }

  /** As `User/alice` or `Agent/etl-bot`, whose token is just that; any other word is a token that doesn't verify. */
  async call(
    as: string | undefined,
    method: 'GET' | 'POST',
    url: string,
    body?: object,
  ): Promise<HttpAnswer> {
    const answer = await this.app.inject({
      method,
      url,
      headers: as === undefined ? {} : { authorization: `Bearer ${as}` },
      ...(body && { payload: body }),
    });
    return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
  }

  get app(): HttpApp['app'] {
    if (this.#http === undefined) throw new Error('It was never started.');
    return this.#http.app;
  }

  async stop(): Promise<void> {
    await this.#lifecycle.stop(STOP_MS);
    await this.#http?.close();
    rmSync(this.#folder, { recursive: true });
  }

  async #start<Context extends Hosted & Surroundings>({
    context,
    module,
    callerOf,
  }: ServiceOverHttpOptions<Context>): Promise<void> {
    const hosted = context({
      config: readConfig({ COUNTERSIGN_MODE: 'development', COUNTERSIGN_DATA: this.#folder }),
      lifecycle: this.#lifecycle,
      viewPath: (name) => join(this.#folder, `${name}.db`),
      authenticator: {
        authenticate: async (token) => {
          const [type = '', id] = token.split('/');
          if (id === undefined) throw new AuthenticationError('token_invalid');
          return callerOf(type, id);
        },
      },
    });
    this.#http = await createHttpApp({ ...hosted, modules: [module(hosted)], version: '0.0.0' });
    await this.app.init();
    await this.#lifecycle.start();
    while (Object.keys(await this.#lifecycle.unready()).length > 0) await delay(READY_POLL_MS);
  }
}
