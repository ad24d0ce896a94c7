/** Far more than come within the five minutes that a signed call may be sent again. */
const MOST_NAMES = 1_000;

/** The names that were added last; how often others come and go costs no memory. */
export class LatestNames {
  readonly #most: number;
  readonly #names = new Set<string>();

  constructor(most = MOST_NAMES) {
    this.#most = most;
  }

  /** False where it stood there already. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false;
    this.#names.add(name);
    const [oldest] = this.#names;
    if (this.#names.size > this.#most && oldest !== undefined) this.#names.delete(oldest);
    return true;
  }

  forget(name: string): void {
    this.#names.delete(name);
  }
}
