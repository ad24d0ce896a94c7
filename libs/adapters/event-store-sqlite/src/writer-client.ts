import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { toTimestamp } from '@countersign/kernel';
import type { EventEnvelope, RecordedEvent } from '@countersign/event-store';
import type { WriterOptions } from './log-writer.ts';
import { errorOf } from './failure-error.ts';
import type { CommittedAppend } from './recent-log.ts';
import { POISONED } from './sqlite-failure.ts';
import type { Failure, WriterAnswer, WriterAppend, WriterReply, WriterRequest } from './writer-protocol.ts';

export interface WriterClientOptions extends WriterOptions {
  readonly path: string;
}

export interface HandedOver extends Omit<WriterAppend, 'sequence'> {
  /** What the texts say, deep-frozen. */
  readonly envelopes: readonly EventEnvelope[];
}

interface Pending {
  readonly handed: HandedOver;
  readonly resolve: (answer: SettledAppend) => void;
  readonly reject: (error: Error) => void;
}

type Answered<Kind extends WriterAnswer['kind']> = Extract<WriterAnswer, { readonly kind: Kind }>;

/** An append's events as they were recorded, or why they weren't. */
export type SettledAppend =
  | { readonly kind: 'appended'; readonly events: readonly RecordedEvent[] }
  | Answered<'conflict'>
  | Answered<'failed'>;

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
  /** Told of each commit, with its appends in the order of the log, before they are answered. */
  onCommit: (head: number, appends: readonly CommittedAppend[]) => void = () => undefined;
  /** Told when what the file holds can't be known from the answers any more, before anybody else is. */
  onDoubt: () => void = () => undefined;

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

  append(handed: HandedOver): Promise<SettledAppend> {
    if (this.#dead !== undefined) return Promise.reject(errorOf(this.#dead));
    this.#sequence += 1;
    const sequence = this.#sequence;
    const { promise, resolve, reject } = Promise.withResolvers<SettledAppend>();
    this.#pending.set(sequence, { handed, resolve, reject });
    if (this.#outbox.length === 0) queueMicrotask(() => this.#flush());
    const { stream, first, texts, nowMs } = handed;
    this.#outbox.push({ sequence, stream, first, texts, nowMs });
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
    this.#worker.postMessage(request);
  }

  #receive(reply: WriterReply): void {
    if (reply.kind !== 'answers') return;
    const settled = reply.answers.map((answer) => this.#settle(answer));
    if (reply.committed) {
      this.commits += 1;
      this.onCommit(reply.head, settled.flatMap(committedIn));
    }
    if (reply.answers.some(endsWriting)) this.#end(POISONED);
    // An answer that comes after its append was given up.
    if (settled.some(({ pending }) => pending === undefined)) this.onDoubt();
    for (const { pending, answer } of settled) pending?.resolve(answer);
    if (this.#pending.size === 0) this.#idle?.();
  }

  #settle(answer: WriterAnswer): Settled {
    const pending = this.#take(answer.sequence);
    if (answer.kind !== 'appended') return { pending, answer };
    const events = pending === undefined ? [] : recordedBy(pending.handed, answer);
    return { pending, answer: { kind: 'appended', events } };
  }

  /** What was committed last, and what will be, can't be told from answers any more. */
  #end(why: Failure): void {
    if (this.#dead !== undefined) return;
    this.#dead = why;
    this.onDoubt();
  }

  #take(sequence: number): Pending | undefined {
    const pending = this.#pending.get(sequence);
    this.#pending.delete(sequence);
    return pending;
  }

  /** The worker is gone: what it was asked may have been committed or not. */
  #die(why: string): void {
    this.#end({ code: 'store_unavailable', message: `The store's writer is gone (${why}); restart.` });
    for (const sequence of this.#pending.keys()) {
      const failure: Failure = { code: 'append_uncertain', message: `The store's writer is gone (${why}).` };
      this.#take(sequence)?.reject(errorOf(failure));
    }
    this.#idle?.();
  }
}

interface Settled {
  readonly pending: Pending | undefined;
  readonly answer: SettledAppend;
}

const committedIn = ({ pending, answer }: Settled): readonly CommittedAppend[] =>
  pending === undefined || answer.kind !== 'appended'
    ? []
    : [{ stream: pending.handed.stream, events: answer.events, size: sizeOf(pending.handed.texts) }];

const sizeOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);

/** An append takes one position after the other; the answer names the last. */
export const recordedBy = (
  { stream, first, envelopes }: HandedOver,
  { position, committedAtMs }: Answered<'appended'>,
): readonly RecordedEvent[] => {
  const committedAt = toTimestamp(committedAtMs);
  return envelopes.map((envelope, index) =>
    Object.freeze({
      ...envelope,
      stream,
      revision: first + index,
      position: String(position - envelopes.length + 1 + index),
      committedAt,
    }),
  );
};

/** After a commit that the disk didn't confirm, the file holds what nobody knows. */
const endsWriting = (answer: WriterAnswer): boolean =>
  answer.kind === 'failed' &&
  (answer.failure.code === 'append_uncertain' || answer.failure.message === POISONED.message);
