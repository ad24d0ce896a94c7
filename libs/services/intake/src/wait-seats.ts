import { formatEntity, type EntityRef } from '@countersign/kernel';

/** Each waiting call is looked after every second, so that nobody may leave any number of them waiting. */
export class WaitSeats {
  readonly #taken = new Map<string, number>();
  readonly #each: number;

  /** `each`: calls that one principal may leave waiting at once in this process. */
  constructor(each: number) {
    this.#each = each;
  }

  /** How to give the seat back; undefined where this principal has none left. */
  take(principal: EntityRef): (() => void) | undefined {
    const key = formatEntity(principal);
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= this.#each) return undefined;
    this.#taken.set(key, taken + 1);
    return () => this.#giveBack(key);
  }

  #giveBack(key: string): void {
    const left = (this.#taken.get(key) ?? 0) - 1;
    if (left > 0) this.#taken.set(key, left);
    else this.#taken.delete(key);
  }
}
