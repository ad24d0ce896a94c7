import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { natsServerPath } from '@countersign/testing';
import type { Order } from '../roots/orders.ts';

/** The path of something in the repository. */
export const inRoot = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const ALL_IN_ONE = inRoot('apps/all-in-one/dist/main.js');

/** The Node that the workspace pins; elsewhere the one that runs the tests. */
const pinnedNode = inRoot('node_modules/.bin/node');
export const NODE = existsSync(pinnedNode) ? pinnedNode : process.execPath;

/** Compiled code of earlier starts: a test starts many processes. */
const COMPILED = inRoot('node_modules/.cache/countersign-e2e');

/** What a composition root of a test has to print, too (see apps/all-in-one/src/welcome.ts). */
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

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of a real process, from its start to its end. */
export class CountersignProcess {
  /** Resolves when it has ended and everything it said was read. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  #address = '';
  #stdout = '';
  #stderr = '';

  private constructor({ main, env, takesOrders = false }: ProcessSettings) {
    const { PATH = '/usr/sbin:/usr/bin:/bin' } = process.env;
    this.#child = spawn(NODE, [main], {
      env: {
        PATH,
        NODE_COMPILE_CACHE: COMPILED,
        COUNTERSIGN_PORT: '0',
        COUNTERSIGN_NATS_SERVER: natsServerPath(),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', takesOrders ? 'ipc' : 'ignore'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = this.#watch();
  }

  /** Resolves when it listens; where it ends before, that is an error with all it said. */
  static async start(settings: ProcessSettings): Promise<CountersignProcess> {
    const started = new CountersignProcess(settings);
    started.#address = settings.address ?? (await started.#announced());
    return started;
  }

  /** `http://127.0.0.1:41234` */
  get address(): string {
    return this.#address;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** All it has written so far, to both streams. */
  get output(): string {
    return `${this.#stdout}\n${this.#stderr}`;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its log lines, parsed. */
  get logLines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map(parseLine);
  }

  async signal(signal: NodeJS.Signals): Promise<Ending> {
    this.#child.kill(signal);
    return this.ended;
  }

  /** Resolves when the process has done it. */
  async order(order: Order): Promise<void> {
    const answered = once(this.#child, 'message');
    this.#child.send(order);
    await answered;
  }

  #watch(): Promise<Ending> {
    return new Promise((resolve, reject) => {
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
      this.#child.once('error', reject);
    });
  }

  #announced(): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const address = ANNOUNCEMENT.exec(this.#stdout)?.[1];
        if (address !== undefined) resolve(address);
      };
      this.#child.stdout?.on('data', look);
      const tellWhy = ({ code, signal }: Ending): void =>
        reject(new Error(`It ended (${code ?? signal}) before it listened:\n${this.output}`));
      this.ended.then(tellWhy, reject);
    });
  }
}

const parseLine = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;
