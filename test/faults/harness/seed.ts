/**
 * Chance that can be repeated: the same seed draws the same values in the same order (mulberry32). Draw a plan
 * from it before anything runs, or from a fork per actor, so that timing has no say in who draws what.
 */
export class Seed {
  readonly value: number;
  #state: number;

  constructor(value: number) {
    this.value = value >>> 0;
    this.#state = this.value;
  }

  /** At least 0, less than 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.between(0, items.length - 1)];
    if (item === undefined) throw new Error('There is nothing to pick from.');
    return item;
  }

  /** Draws of its own, that depend on this seed's value and the name alone. */
  fork(name: string): Seed {
    let hash = this.value ^ 0x811c9dc5;
    for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    return new Seed(hash);
  }
}
