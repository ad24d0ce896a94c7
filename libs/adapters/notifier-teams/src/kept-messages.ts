/** As many requests as may be on their way at once, and more. */
const MOST = 10_000;

/** Where a request's card stands. */
export interface CardPlace {
  readonly tenant: string;
  readonly conversation: string;
  readonly requestId: string;
}

const keyOf = ({ tenant, conversation, requestId }: CardPlace): string =>
  JSON.stringify([tenant, conversation, requestId]);

/**
 * Which messages are kept true, as far as this process has posted or changed them. A post without an answer isn't
 * among them; what was posted in its place is.
 */
export class KeptMessages {
  readonly #kept = new Map<string, Set<string>>();

  keep(place: CardPlace, activity: string): void {
    const key = keyOf(place);
    const activities = this.#kept.get(key) ?? new Set<string>();
    activities.add(activity);
    // What was used last goes last.
    this.#kept.delete(key);
    this.#kept.set(key, activities);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Whether others than this one are kept there; false where nothing is known. */
  isCopy(place: CardPlace, activity: string): boolean {
    const activities = this.#kept.get(keyOf(place));
    return activities !== undefined && !activities.has(activity);
  }
}
