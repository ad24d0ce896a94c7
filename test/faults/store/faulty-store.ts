import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FaultChances } from '@countersign/dev-event-store';
import { NODE } from '../../e2e/harness/countersign-process.ts';
import { freePort } from '../../e2e/harness/nats.ts';
import type { FaultReport } from '../harness/report.ts';
import type { Seed } from '../harness/seed.ts';
import type { InjectedByKind, StoreOrder } from './store-order.ts';

const MAIN = fileURLToPath(new URL('./faulty-store-main.ts', import.meta.url));

/** The development event store as a process that is killed, stopped for a while, filled up and goes wrong by chance. */
export class FaultyStore {
  readonly #folder: string;
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** With its log in this folder. */
  static async start(folder: string): Promise<FaultyStore> {
    const store = new FaultyStore(folder, await freePort());
    await store.start();
    return store;
  }

  get address(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=false`;
  }

  /** Starts it, again on the same port and log. */
  async start(): Promise<void> {
    const args = ['--data', this.#folder, '--port', String(this.#port)];
    this.#child = fork(MAIN, args, {
      execPath: NODE,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await this.#answer();
  }

  async kill(report: FaultReport): Promise<void> {
    const child = this.#running;
    report.injected('store kill');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** It neither answers nor closes a connection until it is {@link wake}d. */
  freeze(report: FaultReport): void {
    report.injected('store freeze');
    this.#running.kill('SIGSTOP');
  }

  wake(): void {
    this.#running.kill('SIGCONT');
  }

  /** No file of its may grow any more (RLIMIT_FSIZE): every write fails, as on a disk that is full or read-only. */
  refuseWrites(report: FaultReport): void {
    report.injected('store disk refuses');
    this.#limitFiles('1');
  }

  takeWrites(): void {
    this.#limitFiles('unlimited');
  }

  /** Goes wrong by chance from now on, and in this life. */
  async disturb(chances: FaultChances, seed: Seed): Promise<void> {
    await this.#order({ chances, seed: seed.value });
  }

  /** Goes wrong no more; counts what did. */
  async calm(report: FaultReport): Promise<void> {
    const injected = await this.#order({ chances: {}, seed: 0 });
    for (const [kind, times] of Object.entries(injected)) report.injected(`store ${kind}`, times);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  get #running(): ChildProcess {
    if (this.#child === undefined) throw new Error('The store was never started.');
    return this.#child;
  }

  #limitFiles(bytes: '1' | 'unlimited'): void {
    const { status, stderr } = spawnSync('prlimit', [`--pid=${this.#running.pid}`, `--fsize=${bytes}:`], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`The limit could not be set: ${stderr}`);
  }

  async #order(order: StoreOrder): Promise<InjectedByKind> {
    const answered = this.#answer();
    this.#running.send(order);
    return (await answered) as InjectedByKind;
  }

  async #answer(): Promise<unknown> {
    const child = this.#running;
    const died = once(child, 'exit').then(() => Promise.reject(new Error('The store ended.')));
    died.catch(() => undefined);
    const [message] = (await Promise.race([once(child, 'message'), died])) as [unknown];
    return message;
  }
}
