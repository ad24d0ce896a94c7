import { hasCode } from '@countersign/kernel';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Nothing is wrong with the item: it goes on soon after what it needs is back. */
const LONGEST_PASSING_MS = 4_000;
const PASSING = ['store_unavailable', 'append_uncertain', 'too_much_contention', 'bus_unavailable'] as const;

interface Rest {
  readonly times: number;
  readonly untilMs: number;
}

/** How long items that failed are left alone: longer each time. */
export class Rests {
  readonly #rests = new Map<string, Rest>();

  begin(id: string, error: unknown, nowMs: number): void {
    const times = (this.#rests.get(id)?.times ?? 0) + 1;
    const longestMs = PASSING.some((code) => hasCode(error, code)) ? LONGEST_PASSING_MS : LONGEST_MS;
    this.#rests.set(id, { times, untilMs: nowMs + Math.min(FIRST_MS * 2 ** (times - 1), longestMs) });
  }

  has(id: string, nowMs: number): boolean {
    return (this.#rests.get(id)?.untilMs ?? 0) > nowMs;
  }

  end(id: string): void {
    this.#rests.delete(id);
  }

  keep(isDue: (id: string) => boolean): void {
    for (const id of this.#rests.keys()) if (!isDue(id)) this.#rests.delete(id);
  }
}
