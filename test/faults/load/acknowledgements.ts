import type { RecordedEvent } from '@countersign/event-store';

/** What somebody was told to have happened: an event that has to stand in the log, once. */
export interface Acknowledgement {
  readonly stream: string;
  readonly type: string;
  /** Which of several of that type. */
  readonly is?: (event: RecordedEvent) => boolean;
}

/** Everything that callers were told. */
export class Acknowledgements {
  readonly #told: Acknowledgement[] = [];

  get size(): number {
    return this.#told.length;
  }

  add(acknowledgement: Acknowledgement): void {
    this.#told.push(acknowledgement);
  }

  /** What was acknowledged and doesn't stand in the log exactly once: `review-1: 0 × DecisionRecorded`. */
  broken(events: readonly RecordedEvent[]): readonly string[] {
    const streams = Map.groupBy(events, ({ stream }) => stream);
    return this.#told.flatMap(({ stream, type, is = () => true }) => {
      const standing = (streams.get(stream) ?? []).filter((event) => event.type === type && is(event)).length;
      return standing === 1 ? [] : [`${stream}: ${standing} × ${type}`];
    });
  }
}
