import type { FaultReport } from '../harness/report.ts';
import type { Seed } from '../harness/seed.ts';
import type { Frame } from './frame-reader.ts';

/** Of each message, how likely it is to meet this; together at most 1. */
export interface MessageFaultRates {
  /** It never arrives. */
  readonly drop: number;
  /** It arrives twice. */
  readonly double: number;
  /** It arrives later than what was sent after it, by up to {@link MOST_DELAY_MS}. */
  readonly delay: number;
  /** It arrives after the next one. */
  readonly reorder: number;
  /** The connection is cut, and the message is lost with it. */
  readonly cut: number;
}

export const NO_FAULTS: MessageFaultRates = { drop: 0, double: 0, delay: 0, reorder: 0, cut: 0 };

const MOST_DELAY_MS = 1_500;
/** Where no other message follows. */
const MOST_REORDER_MS = 100;

/** How messages are disturbed, by which draws, and who counts it. */
export interface Disturbance {
  readonly rates: MessageFaultRates;
  readonly seed: Seed;
  readonly report: FaultReport;
}

/**
 * - `clean`: both ends see the other one close.
 * - `reset`: both ends see the connection reset.
 * - `half-open`: neither end is told; what is sent arrives nowhere, until somebody finds out by pinging.
 */
export const CUTS = ['clean', 'reset', 'half-open'] as const;
export type Cut = (typeof CUTS)[number];

type Fate = keyof MessageFaultRates | 'pass';

export interface FlowOptions {
  /** `3 up`: each flow draws for itself. */
  readonly name: string;
  /** Asked anew for each message. */
  readonly disturbance: () => Disturbance | undefined;
  readonly send: (bytes: Buffer) => void;
  /** Counts itself. */
  readonly cut: (how: Cut, report: FaultReport) => void;
}

/** One direction of one connection. What isn't a message passes as it came: framing and handshake stay whole. */
export class FaultyFlow {
  readonly #options: FlowOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  #drawing: { readonly from: Disturbance; readonly seed: Seed } | undefined;
  /** The message that lets the next one pass. */
  #held: (() => void) | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  pass(frame: Frame): void {
    if (frame.natsSubject === undefined) return this.#options.send(frame.bytes);
    const disturbance = this.#options.disturbance();
    if (disturbance === undefined) return this.#send(frame.bytes);
    const seed = this.#draws(disturbance);
    const fate = fateIn(disturbance.rates, seed);
    if (fate === 'cut') return this.#options.cut(seed.pick(CUTS), disturbance.report);
    if (fate !== 'pass') disturbance.report.injected(`nats ${fate}`);
    this.#meet(fate, frame.bytes, seed);
  }

  /** Forgets what is under way. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held = undefined;
  }

  #meet(fate: Exclude<Fate, 'cut'>, bytes: Buffer, seed: Seed): void {
    switch (fate) {
      case 'drop':
        return undefined;
      case 'delay':
        return this.#later(seed.between(1, MOST_DELAY_MS), () => this.#options.send(bytes));
      case 'reorder':
        return this.#hold(bytes);
      case 'double':
        this.#send(bytes);
        return this.#send(bytes);
      case 'pass':
        return this.#send(bytes);
      default:
        return fate satisfies never;
    }
  }

  #draws(from: Disturbance): Seed {
    if (this.#drawing?.from !== from) this.#drawing = { from, seed: from.seed.fork(this.#options.name) };
    return this.#drawing.seed;
  }

  #send(bytes: Buffer): void {
    this.#options.send(bytes);
    this.#held?.();
  }

  #hold(bytes: Buffer): void {
    this.#held?.();
    const release = (): void => {
      if (this.#held !== release) return;
      this.#held = undefined;
      this.#options.send(bytes);
    };
    this.#held = release;
    this.#later(MOST_REORDER_MS, release);
  }

  #later(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

const fateIn = (rates: MessageFaultRates, seed: Seed): Fate => {
  let drawn = seed.next();
  for (const [fate, rate] of Object.entries(rates) as [keyof MessageFaultRates, number][]) {
    if (drawn < rate) return fate;
    drawn -= rate;
  }
  return 'pass';
};
