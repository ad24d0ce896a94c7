/** What goes wrong with one call to the connector. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** The connection breaks: before anything was done, or after all of it was. */
  | { readonly kind: 'drop'; readonly applied: boolean }
  /** It was done, and the answer is a failure of some machine in between. */
  | { readonly kind: 'lost-answer'; readonly status: number }
  /** Something in between answers 200, with this. */
  | { readonly kind: 'nonsense'; readonly said: string }
  /** No answer at all until the caller gives up. */
  | { readonly kind: 'silence' };

/** Faults wait here for the next calls, each for one, in order. */
export class Faults {
  readonly #waiting: { readonly fault: Fault; readonly method: string }[] = [];

  /** For the next call with this method. */
  next(fault: Fault, method = 'POST'): void {
    this.#waiting.push({ fault, method });
  }

  take(method: string): Fault | undefined {
    const nth = this.#waiting.findIndex((one) => one.method === method);
    return nth < 0 ? undefined : this.#waiting.splice(nth, 1)[0]?.fault;
  }
}

export interface Rate {
  readonly calls: number;
  readonly withinMs: number;
}

/** What Teams lets a bot send to one conversation, as its maker publishes it. */
export const TEAMS_RATES: readonly Rate[] = [
  { calls: 7, withinMs: 1_000 },
  { calls: 60, withinMs: 30_000 },
];

/** Counts calls by conversation over sliding times. */
export class RateLimit {
  readonly #rates: readonly Rate[];
  readonly #times = new Map<string, number[]>();

  constructor(rates: readonly Rate[]) {
    this.#rates = rates;
  }

  /** Seconds to wait; undefined where the call may pass, which counts it. */
  refuse(conversationId: string, nowMs: number): number | undefined {
    const longest = Math.max(0, ...this.#rates.map(({ withinMs }) => withinMs));
    const times = (this.#times.get(conversationId) ?? []).filter((time) => time > nowMs - longest);
    this.#times.set(conversationId, times);
    for (const { calls, withinMs } of this.#rates) {
      const within = times.filter((time) => time > nowMs - withinMs);
      const oldest = within[0];
      if (oldest !== undefined && within.length >= calls)
        return Math.ceil((oldest + withinMs - nowMs) / 1_000);
    }
    times.push(nowMs);
    return undefined;
  }
}
