/** What waits, given out in turns: one of each holder's, the oldest first, then the next holder's. */
export class Turns<Item> {
  readonly #waiting = new Map<string, Item[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  sizeOf(holder: string): number {
    return this.#waiting.get(holder)?.length ?? 0;
  }

  add(holder: string, item: Item): void {
    const its = this.#waiting.get(holder);
    if (its === undefined) this.#waiting.set(holder, [item]);
    else its.push(item);
    this.#size += 1;
  }

  /** Undefined where nothing waits. */
  next(): Item | undefined {
    const [turn] = this.#waiting;
    if (turn === undefined) return undefined;
    const [holder, its] = turn;
    const item = its.shift();
    // Whoever had a turn stands behind all others.
    this.#waiting.delete(holder);
    if (its.length > 0) this.#waiting.set(holder, its);
    this.#size -= 1;
    return item;
  }
}
