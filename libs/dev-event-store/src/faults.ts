/**
 * What can go wrong with the next call of a kind; each is taken once, in order.
 * - `refuse`: UNAVAILABLE, and nothing done.
 * - `lose_answer`: done, then UNAVAILABLE.
 * - `hang`: done, and never answered.
 * - `hang_before`: nothing done, and never answered.
 * - `cut`: done, then every connection to the server is cut.
 * - `cut_before`: the request was received; nothing done, and every connection cut.
 * - `false_success`: nothing done, answered with success at a revision.
 */
export type AppendFault =
  | { readonly kind: 'refuse' | 'lose_answer' | 'hang' | 'hang_before' | 'cut' | 'cut_before' }
  | { readonly kind: 'false_success'; readonly revision: number };

/** `cut`: UNAVAILABLE after so many events. `hang`: no answer. */
export type ReadFault = { readonly kind: 'cut'; readonly after: number } | { readonly kind: 'hang' };

/**
 * What products have done to subscriptions.
 * - `skip`: so many events are never told, after history or live.
 * - `double`: every event is told twice.
 * - `cut`: UNAVAILABLE after so many events.
 * - `deaf`: it is confirmed, and nothing follows.
 */
export type SubscriptionFault =
  { readonly kind: 'skip' | 'cut'; readonly count: number } | { readonly kind: 'double' | 'deaf' };

interface FaultKinds {
  readonly append: AppendFault;
  readonly read: ReadFault;
  readonly subscribe: SubscriptionFault;
}

type Call = keyof FaultKinds;
type Chances<Kind extends string> = Readonly<Partial<Record<Kind, number>>>;

/** How likely a call goes wrong by itself; of one kind of call together at most 1. */
export interface FaultChances {
  readonly append?: Chances<Exclude<AppendFault['kind'], 'false_success'>>;
  readonly read?: Chances<ReadFault['kind']>;
  readonly subscribe?: Chances<SubscriptionFault['kind']>;
  /** Each call waits for up to so many milliseconds before it is served. */
  readonly mostDelayMs?: number;
}

/** At least 0, less than 1. */
type Draw = () => number;

const MOST_EVENTS = 5;

/** The faults that a test has ordered, each for one call to come; and those that happen by chance. */
export class Faults {
  readonly #ordered: { readonly [Kind in Call]: FaultKinds[Kind][] } = {
    append: [],
    read: [],
    subscribe: [],
  };
  readonly #injected: Record<string, number> = {};
  #chances: FaultChances = {};
  #draw: Draw = () => 1;

  /** How many calls went wrong. */
  get injected(): number {
    return Object.values(this.#injected).reduce((sum, times) => sum + times, 0);
  }

  /** `append cut_before`, `delay`: how often. */
  get injectedByKind(): Readonly<Record<string, number>> {
    return { ...this.#injected };
  }

  order<Kind extends Call>(call: Kind, ...faults: readonly FaultKinds[Kind][]): void {
    this.#ordered[call].push(...faults);
  }

  /** From now on, where nothing is ordered; no chances are an end to it. */
  chance(chances: FaultChances, draw: Draw): void {
    this.#chances = chances;
    this.#draw = draw;
  }

  take<Kind extends Call>(call: Kind): FaultKinds[Kind] | undefined {
    const fault = this.#ordered[call].shift() ?? this.#drawn(call);
    if (fault !== undefined) this.#count(`${call} ${fault.kind}`);
    return fault;
  }

  /** Milliseconds that the next call waits. */
  takeDelay(): number {
    const { mostDelayMs = 0 } = this.#chances;
    if (mostDelayMs === 0) return 0;
    this.#count('delay');
    return this.#draw() * mostDelayMs;
  }

  #drawn<Kind extends Call>(call: Kind): FaultKinds[Kind] | undefined {
    let drawn = this.#draw();
    for (const [kind, chance] of Object.entries(this.#chances[call] ?? {})) {
      if (drawn < chance) return { kind, ...this.#events() } as FaultKinds[Kind];
      drawn -= chance;
    }
    return undefined;
  }

  /** After or for how many events, where the fault says so. */
  #events(): { readonly after: number; readonly count: number } {
    const events = Math.floor(this.#draw() * MOST_EVENTS);
    return { after: events, count: events };
  }

  #count(kind: string): void {
    this.#injected[kind] = (this.#injected[kind] ?? 0) + 1;
  }
}
