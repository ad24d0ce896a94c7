import type { Json } from '@countersign/kernel';

/** "Something was appended": a hint where to look, never what to believe. */
export interface Doorbell {
  readonly category: string;
  readonly stream: string;
  /** Revision of the last event of the append. */
  readonly revision: number;
  /** Type and id of the last event of the append. */
  readonly type: string;
  readonly id: string;
}

export interface Hearing {
  readonly category: string;
  /** One bearer of the same queue hears each ring; absent: every hearer does. */
  readonly queue?: string;
}

/** Asks for no more doorbells; resolves when `onRing` was called for each that had been sent by then. */
export type StopHearing = () => Promise<void>;

export interface RequestOptions {
  /** Milliseconds until `deadline_exceeded`; there is no call without one. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/**
 * The bus between services. It may lose, double, delay, reorder and invent messages; nothing of
 * Countersign's truth depends on it.
 */
export interface Bus {
  /** Fire and forget: at most once, never throws, costs nothing where the bus is down. */
  ring(doorbell: Doorbell): void;

  /**
   * Calls `onRing` for each well-formed doorbell; malformed ones are dropped and counted. Survives
   * reconnects. Errors of `onRing` are logged, never lost. Returns how to stop.
   */
  hear(hearing: Hearing, onRing: (doorbell: Doorbell) => void | Promise<void>): StopHearing;

  /**
   * Asks the service that serves `natsSubject`. The answer is the service's, or its `CodedError` thrown
   * here again with the same code. `bus_unavailable`: nobody connected or serving, or the connection
   * broke before the answer. `deadline_exceeded`: no answer in time, or `signal` gave the call up.
   * In both the command may have been carried out: repeat it, commands are idempotent.
   */
  request(natsSubject: string, message: Json, options: RequestOptions): Promise<Json>;

  readonly connected: boolean;
}
