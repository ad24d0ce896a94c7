import type { Clock } from '@countersign/kernel';
import { LONGEST_REST_MS, type CallPurpose, type Notifier, type Pace } from '@countersign/notifier';

/** Calls that one destination may leave unanswered at once: a slow one holds up no other. */
const MOST_IN_HAND = 8;
/** Kept until then, whether or not anything goes there. */
const MOST_ALLOWANCES = 1_000;

interface Allowance {
  readonly pace: Pace;
  /** Calls that may be made now, a part of one included. */
  tokens: number;
  countedAtMs: number;
  restsUntilMs: number;
  inHand: number;
}

/** Ends what `take` began. */
export interface Taken {
  /** It was called: the call counts. */
  done(): void;
  /** Nothing was called after all. */
  giveBack(): void;
}

const UNLIMITED: Taken = { done: () => undefined, giveBack: () => undefined };

/**
 * How fast each destination is called: a bucket of calls for each allowance that a channel names. Every replica
 * has all of them, and takes from its own what it hears in the log that the others have claimed, so that together
 * they keep the pace as well as the log is followed: a few milliseconds behind, so a few calls too many at the most,
 * which the platform answers with `Retry-After`.
 */
export class Pacer {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #allowances = new Map<string, Allowance>();

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
  }

  /** Allowances that are kept. */
  get size(): number {
    return this.#allowances.size;
  }

  /** Calls that may be made now. */
  room(pace: Pace | undefined): number {
    if (pace === undefined) return Number.POSITIVE_INFINITY;
    const { tokens, restsUntilMs, inHand } = this.#current(pace);
    if (restsUntilMs > this.#clock.nowMs()) return 0;
    return Math.max(0, Math.min(Math.floor(tokens), MOST_IN_HAND - inHand));
  }

  /** Takes the room for one call; undefined where there is none. */
  take(pace: Pace | undefined): Taken | undefined {
    if (pace === undefined) return UNLIMITED;
    if (this.room(pace) < 1) return undefined;
    const allowance = this.#current(pace);
    allowance.tokens -= 1;
    allowance.inHand += 1;
    return {
      done: () => void (allowance.inHand -= 1),
      giveBack: () => {
        allowance.inHand -= 1;
        allowance.tokens = Math.min(allowance.pace.burst, allowance.tokens + 1);
      },
    };
  }

  /** Another replica makes a call. */
  charge(pace: Pace | undefined): void {
    if (pace === undefined) return;
    const allowance = this.#current(pace);
    // What others are ahead by is waited for, but never longer than a whole burst takes.
    allowance.tokens = Math.max(-pace.burst, allowance.tokens - 1);
  }

  /**
   * The platform asked for it. Nothing else rests with it; and it is tried again after a while however long it asked
   * for, since a card that nobody tries to show is never given up, and so never shown elsewhere.
   */
  rest(pace: Pace | undefined, restMs: number): void {
    if (pace === undefined) return;
    const allowance = this.#current(pace);
    const untilMs = this.#clock.nowMs() + Math.min(restMs, LONGEST_REST_MS);
    allowance.restsUntilMs = Math.max(allowance.restsUntilMs, untilMs);
  }

  #current(pace: Pace): Allowance {
    const nowMs = this.#clock.nowMs();
    const allowance = this.#allowances.get(pace.allowance) ?? this.#add(pace, nowMs);
    const grownBy = ((nowMs - allowance.countedAtMs) * pace.perMinute) / 60_000;
    allowance.tokens = Math.min(pace.burst, allowance.tokens + Math.max(0, grownBy));
    allowance.countedAtMs = Math.max(allowance.countedAtMs, nowMs);
    return allowance;
  }

  #add(pace: Pace, nowMs: number): Allowance {
    if (this.#allowances.size >= MOST_ALLOWANCES) this.#forgetIdle(nowMs);
    const allowance = { pace, tokens: pace.burst, countedAtMs: nowMs, restsUntilMs: 0, inHand: 0 };
    this.#allowances.set(pace.allowance, allowance);
    return allowance;
  }

  /** Those that would be the same if they began anew. */
  #forgetIdle(nowMs: number): void {
    for (const [name, { pace, tokens, countedAtMs, restsUntilMs, inHand }] of this.#allowances) {
      const isFull = tokens + ((nowMs - countedAtMs) * pace.perMinute) / 60_000 >= pace.burst;
      if (isFull && inHand === 0 && restsUntilMs <= nowMs) this.#allowances.delete(name);
    }
  }
}

export const paceOf = (
  notifier: Pick<Notifier, 'pace'> | undefined,
  channel: string,
  purpose: CallPurpose,
): Pace | undefined => notifier?.pace?.(channel, purpose);
