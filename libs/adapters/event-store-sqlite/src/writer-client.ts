import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { EventStoreError } from '@countersign/event-store';
import type { WriterOptions } from './log-writer.ts';
import { POISONED } from './sqlite-failure.ts';
import type { Failure, WriterAnswer, WriterAppend, WriterReply, WriterRequest } from './writer-protocol.ts';

export interface WriterClientOptions extends WriterOptions {
  readonly path: string;
}

interface Pending {
  readonly resolve: (answer: WriterAnswer) => void;
  readonly reject: (error: Error) => void;
}

export const errorOf = ({ code, message }: Failure): EventStoreError => new EventStoreError(code, message);

/** Node runs the source's worker as it is; a build has compiled it. */
const workerUrl = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './writer-worker.ts' : './writer-worker.js', import.meta.url);

/** The main thread's end of the writer: appends of one turn go over together, answers come after the commit. */
export class WriterClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<unknown>;
  #outbox: WriterAppend[] = [];
  #sequence = 0;
  #dead: Failure | undefined;
  #idle: (() => void) | undefined;
  /** Commits so far. */
  commits = 0;
  /** Told of the log's new head after each commit, before its appends are answered. */
  onCommit: (head: number) => void = () => undefined;

  private constructor(worker: Worker) {
    this.#worker = worker;
    this.#exited = once(worker, 'exit');
    worker.on('message', (reply: WriterReply) => this.#receive(reply));
    worker.on('error', (error: Error) => this.#die(error.message));
    worker.on('exit', () => this.#die('it ended'));
  }

  /** Starts the worker and waits until the file is open; answers the log's head too. */
  static async start(options: WriterClientOptions): Promise<{ client: WriterClient; head: number }> {
    const worker = new Worker(workerUrl(), { workerData: options, name: 'event-store-writer' });
    const [reply] = (await once(worker, 'message')) as [WriterReply];
    if (reply.kind === 'ready') return { client: new WriterClient(worker), head: reply.head };
    await worker.terminate();
    throw reply.kind === 'broken' ? errorOf(reply.failure) : new Error('The writer spoke out of turn.');
  }

  /** Why nothing will be taken any more until the store is opened anew. */
  get dead(): Failure | undefined {
    return this.#dead;
  }

  append(append: Omit<WriterAppend, 'sequence'>): Promise<WriterAnswer> {
    if (this.#dead !== undefined) return Promise.reject(errorOf(this.#dead));
    this.#sequence += 1;
    const sequence = this.#sequence;
    const { promise, resolve, reject } = Promise.withResolvers<WriterAnswer>();
    this.#pending.set(sequence, { resolve, reject });
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    this.#outbox.push({ ...append, sequence });
    return promise;
  }

  /** Resolves when everything handed over was answered. */
  async drain(): Promise<void> {
    if (this.#pending.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle = resolve;
    await promise;
  }

  /** Resolves when the file is closed. Drain first. */
  async close(): Promise<void> {
    this.#dead ??= { code: 'store_closed', message: 'The event store is closed.' };
    this.#post({ kind: 'close' });
    await this.#exited;
  }

  #flush(): void {
    const appends = this.#outbox;
    this.#outbox = [];
    this.#post({ kind: 'append', appends });
  }

  #post(request: WriterRequest): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin
    this.#worker.postMessage(request);
  }

  #receive(reply: WriterReply): void {
    if (reply.kind !== 'answers') return;
    if (reply.committed) {
      this.commits += 1;
      this.onCommit(reply.head);
    }
    for (const answer of reply.answers) {
      if (endsWriting(answer)) this.#dead ??= POISONED;
      this.#take(answer.sequence)?.resolve(answer);
    }
    if (this.#pending.size === 0) this.#idle?.();
  }

  #take(sequence: number): Pending | undefined {
    const pending = this.#pending.get(sequence);
    this.#pending.delete(sequence);
    return pending;
  }

  /** The worker is gone: what it was asked may have been committed or not. */
  #die(why: string): void {
    this.#dead ??= { code: 'store_unavailable', message: `The store's writer is gone (${why}); restart.` };
    for (const sequence of this.#pending.keys()) {
      const failure: Failure = { code: 'append_uncertain', message: `The store's writer is gone (${why}).` };
      this.#take(sequence)?.reject(errorOf(failure));
    }
    this.#idle?.();
  }
}

/** After a commit that the disk didn't confirm, the file holds what nobody knows. */
const endsWriting = (answer: WriterAnswer): boolean =>
  answer.kind === 'failed' &&
  (answer.failure.code === 'append_uncertain' || answer.failure.message === POISONED.message);
