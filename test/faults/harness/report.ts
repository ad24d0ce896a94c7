/** Counts what was really injected, by kind: what was planned and met nobody doesn't count. */
export class FaultReport {
  readonly #injected = new Map<string, number>();

  injected(kind: string, times = 1): void {
    if (times > 0) this.#injected.set(kind, this.count(kind) + times);
  }

  count(kind: string): number {
    return this.#injected.get(kind) ?? 0;
  }

  get total(): number {
    return [...this.#injected.values()].reduce((sum, times) => sum + times, 0);
  }

  /** `12 faults: 7 kill policy, 5 kill intake` */
  toString(): string {
    const kinds = [...this.#injected].toSorted(([, a], [, b]) => b - a);
    const counts = kinds.map(([kind, times]) => `${times} ${kind}`);
    return `${this.total} faults${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`;
  }
}
