import { COMPILED, inRepository, NODE, RunningProgram, type Ending } from '@countersign/dev-stack';
import { natsServerPath } from '@countersign/testing';
import type { Order } from '../roots/orders.ts';

/** The path of something in the repository. */
export const inRoot = inRepository;

export const ALL_IN_ONE = inRoot('apps/all-in-one/dist/main.js');

export { NODE };

/** What a composition root of a test has to print, too (see the host's `welcome`). */
const ANNOUNCEMENT = /Countersign listens at\s+(http:\S+)/;

export interface ProcessSettings {
  /** A compiled `main.js`, or a root of a test's own in TypeScript without decorators. */
  readonly main: string;
  /** Beside what the process needs to run at all; nothing is inherited but PATH. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the root takes orders while it runs (roots/orders.ts). */
  readonly takesOrders?: boolean | undefined;
  /** Where it was told to listen, for a main that doesn't announce it: then nothing is waited for. */
  readonly address?: string;
}

/** One life of a real process, from its start to its end. */
export class CountersignProcess {
  readonly #program: RunningProgram;
  #address = '';

  private constructor({ main, env, takesOrders }: ProcessSettings) {
    const { PATH = '/usr/sbin:/usr/bin:/bin' } = process.env;
    this.#program = new RunningProgram({
      program: NODE,
      args: [main],
      env: {
        PATH,
        NODE_COMPILE_CACHE: COMPILED,
        COUNTERSIGN_PORT: '0',
        COUNTERSIGN_NATS_SERVER: natsServerPath(),
        ...env,
      },
      takesOrders,
    });
  }

  /** Resolves when it listens; where it ends before, that is an error with all it said. */
  static async start(settings: ProcessSettings): Promise<CountersignProcess> {
    const started = new CountersignProcess(settings);
    started.#address = settings.address ?? (await started.#program.said(ANNOUNCEMENT));
    return started;
  }

  /** `http://127.0.0.1:41234` */
  get address(): string {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.#program.pid;
  }

  /** Resolves when it has ended and everything it said was read. */
  get ended(): Promise<Ending> {
    return this.#program.ended;
  }

  /** All it has written so far, to both streams. */
  get output(): string {
    return this.#program.output;
  }

  get isRunning(): boolean {
    return this.#program.isRunning;
  }

  /** Its log lines, parsed. */
  get logLines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#program.logLines;
  }

  async signal(signal: NodeJS.Signals): Promise<Ending> {
    return this.#program.signal(signal);
  }

  /** Resolves when the process has done it. */
  async order(order: Order): Promise<void> {
    await this.#program.order(order);
  }
}
