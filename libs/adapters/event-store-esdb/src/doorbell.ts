import { setTimeout as delay } from 'node:timers/promises';
import { Growth } from '@countersign/event-store';
import type { EsdbConnection } from './esdb-connection.ts';
import { pauseMs } from './patience.ts';
import type { WirePosition } from './wire-position.ts';
import { subscribeRequest } from './wire-requests.ts';

export interface DoorbellOptions {
  readonly connection: EsdbConnection;
  readonly prefixes: readonly string[];
  /** How often to ring unasked: what a lost ring costs at most. */
  readonly pollMs: number;
}

/**
 * Rings when the log has grown. It hears a subscription of the server, of which nothing but the ringing is
 * used: events that a server skips or doubles on the way from history to live, or at a reconnect, can
 * delay a reader until the next ring, and never change what it reads.
 */
export class Doorbell {
  readonly #options: DoorbellOptions;
  readonly #growth = new Growth();
  readonly #closing = new AbortController();
  #rings = 0;
  #position: WirePosition | undefined;
  #listening: Promise<void> | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(options: DoorbellOptions) {
    this.#options = options;
  }

  /** How often it has rung; taken before a read, it tells {@link Doorbell.after} what the read can't have seen. */
  get rings(): number {
    return this.#rings;
  }

  /** Resolves once it has rung more often than `rings`, or at `signal`. */
  async after(rings: number, position: WirePosition | undefined, signal: AbortSignal): Promise<void> {
    this.#listen(position);
    if (this.#rings === rings) await this.#growth.next(signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#poll);
    await this.#listening;
  }

  #ring(): void {
    this.#rings += 1;
    this.#growth.announce();
  }

  /** Starts where the first reader that waits has read to: a server is never asked for history. */
  #listen(position: WirePosition | undefined): void {
    if (this.#listening !== undefined || this.#closing.signal.aborted) return;
    this.#position = position;
    this.#poll = setInterval(() => this.#ring(), this.#options.pollMs).unref();
    this.#listening = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      await delay(failures === 0 ? 0 : pauseMs(failures), undefined, { signal }).catch(() => undefined);
      await this.#hear(() => {
        failures = 0;
      });
    }
  }

  async #hear(onAnswer: () => void): Promise<void> {
    const { connection, prefixes } = this.#options;
    try {
      await connection.listen(
        subscribeRequest({ from: this.#position, prefixes }),
        (answer) => {
          onAnswer();
          const event = answer.getEvent()?.getEvent();
          if (event !== undefined) {
            this.#position = { commit: event.getCommitPosition(), prepare: event.getPreparePosition() };
          }
          this.#ring();
        },
        this.#closing.signal,
      );
    } catch {
      // Polling goes on meanwhile, and its readers meet the same trouble and tell of it.
    }
  }
}
