/** Items that wait for their turn. A doorbell told this replica alone of some, a look tells every replica of all. */
export class WaitingItems {
  readonly #told = new Map<string, 'alone' | 'all'>();

  tellAlone(id: string): void {
    this.#told.set(id, 'alone');
  }

  /** After those that wait already, and no longer those that every replica was told of and that are due no more. */
  tellAll(due: readonly string[], isDue: (id: string) => boolean): void {
    for (const [id, told] of this.#told) if (told === 'all' && !isDue(id)) this.#told.delete(id);
    for (const id of due) if (!this.#told.has(id)) this.#told.set(id, 'all');
  }

  take(): string | undefined {
    const [id] = this.#told.keys();
    if (id !== undefined) this.#told.delete(id);
    return id;
  }

  /** The other replicas find these themselves. */
  leaveToAll(): void {
    for (const [id, told] of this.#told) if (told === 'all') this.#told.delete(id);
  }

  clear(): void {
    this.#told.clear();
  }
}
