/**
 * Remembers ids until they expire, and no more than `capacity` of them. `full` is an answer of its own:
 * to forget an id that is still good would let it be used twice.
 */
export class ReplayCache {
  readonly #capacity: number;
  readonly #expiryMs = new Map<string, number>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  remember(id: string, expiresAtMs: number, nowMs: number): 'new' | 'seen' | 'full' {
    if (this.#expiryMs.has(id)) return 'seen';
    if (this.#expiryMs.size >= this.#capacity) this.#forgetExpired(nowMs);
    if (this.#expiryMs.size >= this.#capacity) return 'full';
    this.#expiryMs.set(id, expiresAtMs);
    return 'new';
  }

  #forgetExpired(nowMs: number): void {
    for (const [id, expiresAtMs] of this.#expiryMs) {
      if (expiresAtMs <= nowMs) this.#expiryMs.delete(id);
    }
  }
}
