export type Fault =
  /** A status of HTTP, before anything is done. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterS?: number }
  /** The same once it is done. */
  | { readonly kind: 'status-after'; readonly status: number }
  /** A refusal by Slack's own code. */
  | { readonly kind: 'refuse'; readonly code: string }
  /** Nothing is done before then. */
  | { readonly kind: 'hold'; readonly until: Promise<void> }
  /** The connection ends without an answer: nothing was done, or all of it. */
  | { readonly kind: 'drop-before' }
  | { readonly kind: 'drop-after' };

export interface FaultOrder {
  /** `chat.postMessage`; any method without it. */
  readonly method?: string;
  /** How many calls it holds for; one by default. */
  readonly times?: number;
  readonly fault: Fault;
}

/** What is to go wrong, in the order it was asked for. */
export class FaultOrders {
  #orders: { readonly method: string | undefined; readonly fault: Fault; times: number }[] = [];

  add({ method, times = 1, fault }: FaultOrder): void {
    this.#orders.push({ method, fault, times });
  }

  take(method: string): Fault | undefined {
    const order = this.#orders.find((other) => other.method === undefined || other.method === method);
    if (order === undefined) return undefined;
    order.times -= 1;
    this.#orders = this.#orders.filter(({ times }) => times > 0);
    return order.fault;
  }
}
