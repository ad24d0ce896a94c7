import { setTimeout as delay } from 'node:timers/promises';
import { RunningProgram, type Ending, type ProgramSettings } from './running-program.ts';

export interface ManagedSettings {
  /** `intake-0`, `nats`: unique in its stack. */
  readonly name: string;
  /** Where it is reached, in every life. */
  readonly address: string;
  readonly program: ProgramSettings;
  /** Asked again and again until it says yes. */
  readonly isReady: () => Promise<boolean>;
  /** Whether it is started again when it dies, once it was ready: what can't be started isn't tried for ever. */
  readonly supervise: boolean;
  /** Told what happens to it, in a sentence. */
  readonly tell: (what: string) => void;
}

const READY_POLL_MS = 50;
const READY_MS = 120_000;
/** Longer than a process takes to drain (COUNTERSIGN_SHUTDOWN_TIMEOUT). */
const STOP_MS = 25_000;
const BACK_OFF = { firstMs: 100, mostMs: 5_000, calmMs: 10_000 };

/** A program of the stack over all its lives: the same name, folder and port in each. */
export class ManagedProcess {
  readonly #settings: ManagedSettings;
  #life: RunningProgram | undefined;
  #stopping = false;
  #wasReady = false;
  #failures = 0;

  constructor(settings: ManagedSettings) {
    this.#settings = settings;
  }

  get name(): string {
    return this.#settings.name;
  }

  get address(): string {
    return this.#settings.address;
  }

  get pid(): number | undefined {
    return this.#life?.pid;
  }

  get isRunning(): boolean {
    return this.#life?.isRunning === true;
  }

  /** What this life has written, to both streams. */
  get output(): string {
    return this.#life?.output ?? '';
  }

  /** The log lines of this life, parsed. */
  get logLines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#life?.logLines ?? [];
  }

  /** Resolves when this life is over. */
  get ended(): Promise<Ending> {
    return this.#running.ended;
  }

  /** Starts it, again in the same folder and on the same port; where it runs already nothing happens. */
  start(): void {
    if (this.isRunning) return;
    this.#stopping = false;
    const startedAtMs = performance.now();
    const life = new RunningProgram(this.#settings.program);
    this.#life = life;
    const over = (how: string): void => this.#onEnd(life, how, performance.now() - startedAtMs);
    life.ended.then(
      ({ code, signal }) => over(signal ?? `status ${code}`),
      (error: unknown) => over(String(error)),
    );
  }

  /** Resolves when it can be used; rejects with all it said where it ends before. */
  async whenReady(timeoutMs = READY_MS): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    while (!(await this.#settings.isReady())) {
      if (!this.isRunning && !this.#comesBack)
        throw new Error(`${this.name} ended before it was ready:\n${this.output}`);
      if (performance.now() > deadlineMs) throw new Error(`${this.name} isn't ready:\n${this.output}`);
      await delay(READY_POLL_MS);
    }
    this.#wasReady = true;
  }

  /** Sends a signal and doesn't wait: `SIGSTOP`, `SIGCONT`. */
  send(signal: NodeJS.Signals): void {
    this.#running.send(signal);
  }

  /** Ends it by this signal and waits for that; where it is supervised it comes back. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Ending> {
    return this.#running.signal(signal);
  }

  /** Ends it for good: TERM, and KILL where that isn't enough. */
  async stop(): Promise<Ending | undefined> {
    this.#stopping = true;
    const life = this.#life;
    if (life?.isRunning !== true) return undefined;
    const insist = setTimeout(() => life.send('SIGKILL'), STOP_MS);
    try {
      return await life.signal('SIGTERM');
    } finally {
      clearTimeout(insist);
    }
  }

  /** Resolves when the process has done it; for roots that take orders. */
  async order(order: object): Promise<void> {
    await this.#running.order(order);
  }

  get #comesBack(): boolean {
    return this.#settings.supervise && this.#wasReady && !this.#stopping;
  }

  get #running(): RunningProgram {
    if (this.#life === undefined) throw new Error(`${this.name} was never started.`);
    return this.#life;
  }

  #onEnd(life: RunningProgram, how: string, livedMs: number): void {
    if (!this.#comesBack || life !== this.#life) return;
    this.#failures = livedMs > BACK_OFF.calmMs ? 0 : this.#failures + 1;
    const waitMs = Math.min(BACK_OFF.mostMs, BACK_OFF.firstMs * 2 ** this.#failures);
    this.#settings.tell(`${this.name} ended (${how}); it is started again in ${waitMs} ms.`);
    setTimeout(() => {
      if (!this.#stopping) this.start();
    }, waitMs);
  }
}
