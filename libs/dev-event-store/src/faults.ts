/**
 * What can go wrong with the next call of a kind; each is taken once, in order.
 * - `refuse`: UNAVAILABLE, and nothing done.
 * - `lose_answer`: done, then UNAVAILABLE.
 * - `hang`: done, and never answered.
 * - `hang_before`: nothing done, and never answered.
 * - `false_success`: nothing done, answered with success at a revision.
 */
export type AppendFault =
  | { readonly kind: 'refuse' | 'lose_answer' | 'hang' | 'hang_before' }
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

/** The faults that a test has ordered, each for one call to come. */
export class Faults {
  readonly #ordered: { readonly [Kind in keyof FaultKinds]: FaultKinds[Kind][] } = {
    append: [],
    read: [],
    subscribe: [],
  };
  #injected = 0;

  /** How many calls went wrong as ordered. */
  get injected(): number {
    return this.#injected;
  }

  order<Kind extends keyof FaultKinds>(call: Kind, ...faults: readonly FaultKinds[Kind][]): void {
    this.#ordered[call].push(...faults);
  }

  take<Kind extends keyof FaultKinds>(call: Kind): FaultKinds[Kind] | undefined {
    const fault = this.#ordered[call].shift();
    if (fault !== undefined) this.#injected += 1;
    return fault;
  }
}
