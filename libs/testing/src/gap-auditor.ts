import type { RecordedEvent, Subscriber } from '@countersign/event-store';

/** An event that a store acknowledged. */
export interface Acknowledged {
  readonly stream: string;
  readonly revision: number;
}

/**
 * Hears a subscription and watches the revisions of each stream, independently of whoever applies the events:
 * it tells what was skipped, doubled or out of order, and what was acknowledged and never came. Let it hear
 * from the log's start, or from where an earlier one of it stopped.
 */
export class GapAuditor implements Subscriber {
  readonly #last = new Map<string, number>();
  readonly #faults: string[] = [];
  #heard = 0;

  /** `gap request-1@2..3`, `double request-1@1`, in the order in which they were heard. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  get heard(): number {
    return this.#heard;
  }

  onEvents(events: readonly RecordedEvent[]): void {
    for (const event of events) this.#hear(event);
  }

  /** Whether everything that was acknowledged has been heard. */
  hasHeard(acknowledged: Iterable<Acknowledged>): boolean {
    return this.missing(acknowledged).length === 0;
  }

  missing(acknowledged: Iterable<Acknowledged>): readonly string[] {
    const missing: string[] = [];
    for (const { stream, revision } of acknowledged) {
      if ((this.#last.get(stream) ?? -1) < revision) missing.push(`${stream}@${revision}`);
    }
    return missing;
  }

  #hear({ stream, revision }: RecordedEvent): void {
    this.#heard += 1;
    const wanted = (this.#last.get(stream) ?? -1) + 1;
    if (revision < wanted) this.#faults.push(`double ${stream}@${revision}`);
    else if (revision > wanted) this.#faults.push(`gap ${stream}@${wanted}..${revision - 1}`);
    this.#last.set(stream, Math.max(revision, wanted - 1));
  }
}
