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

type Fate = keyof MessageFaultRates | 'pass';

export interface FlowOptions {
  readonly seed: Seed;
  readonly report: FaultReport;
  /** Asked anew for each message. */
  readonly rates: () => MessageFaultRates;
  readonly send: (bytes: Buffer) => void;
  /** Counts itself, by how it is cut. */
  readonly cut: () => void;
}

/** One direction of one connection. What isn't a message passes as it came: framing and handshake stay whole. */
export class FaultyFlow {
  readonly #options: FlowOptions;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The message that lets the next one pass. */
  #held: (() => void) | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  pass(frame: Frame): void {
    if (frame.natsSubject === undefined) return this.#options.send(frame.bytes);
    const fate = this.#fate();
    if (fate !== 'pass' && fate !== 'cut') this.#options.report.injected(`nats ${fate}`);
    this.#meet(fate, frame.bytes);
  }

  /** Forgets what is under way. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#held = undefined;
  }

  #meet(fate: Fate, bytes: Buffer): void {
    switch (fate) {
      case 'drop':
        return undefined;
      case 'cut':
        return this.#options.cut();
      case 'delay':
        return this.#later(this.#options.seed.between(1, MOST_DELAY_MS), () => this.#options.send(bytes));
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

  #fate(): Fate {
    const { rates, seed } = this.#options;
    let drawn = seed.next();
    for (const [fate, rate] of Object.entries(rates()) as [keyof MessageFaultRates, number][]) {
      if (drawn < rate) return fate;
      drawn -= rate;
    }
    return 'pass';
  }
}
