import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '@countersign/kernel';
import type { Logger } from '../telemetry/logger.ts';
import { mayFollow, type LifecycleState } from './lifecycle-state.ts';

/** Undefined: ready. A sentence: why not. */
export type Unready = string | undefined;

export interface LifecycleParticipant {
  readonly name: string;
  start?(): Promise<void> | void;
  /** Ends what is in flight, then resolves. Called once, also where `start` failed or never ran. */
  stop?(): Promise<void> | void;
  /** Asked at `/health/ready`; must answer from memory. A throw is unready. */
  ready?(): Promise<Unready> | Unready;
}

/** What a process starts, asks and stops: in order of registration, stopped in reverse. */
export class Lifecycle {
  readonly #participants: LifecycleParticipant[] = [];
  readonly #log: Logger;
  readonly #draining = new AbortController();
  #state: LifecycleState = 'starting';
  #started = 0;
  #stopping: Promise<boolean> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  get state(): LifecycleState {
    return this.#state;
  }

  /** Aborts when draining begins: long polls and waits end early by it. */
  get draining(): AbortSignal {
    return this.#draining.signal;
  }

  /** Before the start; a late participant is a bug in the composition. */
  add(participant: LifecycleParticipant): void {
    if (this.#state !== 'starting') {
      throw new CodedError('lifecycle_misused', `${participant.name} was added while ${this.#state}.`);
    }
    this.#participants.push(participant);
  }

  /** Starts each participant after the one before it; the first failure is thrown, and nothing more starts. */
  async start(): Promise<void> {
    while (this.#state === 'starting' && this.#started < this.#participants.length) {
      await this.#participants[this.#started]?.start?.();
      this.#started += 1;
    }
    if (this.#state === 'starting') this.#enter('running');
  }

  /** Empty: ready. Otherwise what isn't, and why. */
  async unready(): Promise<Readonly<Record<string, string>>> {
    const checks = await Promise.all(this.#participants.map(async (it) => [it.name, await ask(it)] as const));
    const state = this.#state === 'running' ? undefined : `The process is ${this.#state}.`;
    return Object.fromEntries(
      [['process', state] as const, ...checks].filter(
        (check): check is [string, string] => check[1] !== undefined,
      ),
    );
  }

  /**
   * Drains: unready and serving for `noticeMs`, so that whoever routes by readiness sends nothing more; then
   * participants stop in reverse order, each waited for; one that fails is logged and the rest still stop. All
   * of it within `timeoutMs`. True where all stopped in time and the process hadn't failed. Once: a repeat is
   * answered with the first.
   */
  async stop(timeoutMs: number, noticeMs = 0): Promise<boolean> {
    this.#stopping ??= this.#drain(timeoutMs, noticeMs);
    return this.#stopping;
  }

  /** The process can't go on: `stop` still ends what began, and answers false. */
  fail(error: unknown): void {
    this.#log.error('The process can not go on.', { error });
    if (mayFollow(this.#state, 'failed')) this.#enter('failed');
    this.#draining.abort();
  }

  async #drain(timeoutMs: number, noticeMs: number): Promise<boolean> {
    const served = this.#state === 'running';
    if (this.#state !== 'failed') this.#enter('draining');
    this.#draining.abort();
    const stopped = (served ? delay(noticeMs) : Promise.resolve()).then(() => this.#stopAll());
    const clean = await withinDeadline(stopped, timeoutMs);
    if (!clean) this.#log.error('The process did not stop cleanly in time.', { timeoutMs });
    if (this.#state === 'draining') this.#enter(clean ? 'stopped' : 'failed');
    return this.#state === 'stopped';
  }

  async #stopAll(): Promise<boolean> {
    let clean = true;
    for (const participant of [...this.#participants].reverse()) {
      try {
        await participant.stop?.();
      } catch (error) {
        clean = false;
        this.#log.error('A part of the process did not stop cleanly.', { part: participant.name, error });
      }
    }
    return clean;
  }

  #enter(state: LifecycleState): void {
    if (!mayFollow(this.#state, state)) {
      throw new CodedError('lifecycle_misused', `A process that is ${this.#state} can't become ${state}.`);
    }
    this.#log.info(`The process is ${state}.`, { state, from: this.#state });
    this.#state = state;
  }
}

const ask = async (participant: LifecycleParticipant): Promise<Unready> => {
  try {
    return await participant.ready?.();
  } catch (error) {
    return error instanceof Error ? error.message : 'The check failed.';
  }
};

const withinDeadline = async (work: Promise<boolean>, timeoutMs: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
