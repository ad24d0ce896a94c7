import { CodedError, formatEntity, type EntityRef } from '@countersign/kernel';

/**
 * Twice the calls that a principal may leave waiting. All run on one thread: what one principal sends at once is
 * what everybody's next decision or revocation may have to wait for.
 */
export const MAX_CALLS_IN_HAND = 512;

/** The one thing to know of a response: when it has ended. */
interface Ending {
  once(event: 'close', listener: () => void): unknown;
}

/** Bounds what one principal has in hand at once in this process, whichever calls they are. */
export class CallsInHand {
  readonly #of = new Map<string, number>();

  /** Counts until the response has ended, whoever ends it. `too_many_calls`: not a byte of the body was read. */
  begin(principal: EntityRef, response: Ending): void {
    const key = formatEntity(principal);
    const inHand = this.#of.get(key) ?? 0;
    if (inHand >= MAX_CALLS_IN_HAND) {
      throw new CodedError(
        'too_many_calls',
        `You have ${MAX_CALLS_IN_HAND} calls in hand; wait for some of them.`,
        { retryAfterS: 1 },
      );
    }
    this.#of.set(key, inHand + 1);
    response.once('close', () => this.#end(key));
  }

  #end(key: string): void {
    const left = (this.#of.get(key) ?? 0) - 1;
    if (left > 0) this.#of.set(key, left);
    else this.#of.delete(key);
  }
}
