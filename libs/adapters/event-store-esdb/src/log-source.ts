import { WRITER_OF } from '@countersign/event-store';
import type { LogBatch, LogSource, Position } from '@countersign/event-store';
import type { Deadline } from './deadline.ts';
import type { Doorbell } from './doorbell.ts';
import type { EsdbConnection } from './esdb-connection.ts';
import { storeAway } from './esdb-failure.ts';
import { persist, type Patience } from './patience.ts';
import { positionOf, streamOf, toRecordedEvent, type Recorded } from './recorded-event.ts';
import { recordedOf } from './stream-reader.ts';
import { parsePosition, unknownPosition } from './wire-position.ts';
import { readLogRequest } from './wire-requests.ts';

const PAGE = 500;

/** All of ours, whatever a subscriber wants: so positions advance with every event, and no other's is sent. */
export const OUR_PREFIXES: readonly string[] = Object.keys(WRITER_OF).map((category) => `${category}-`);

export interface EsdbLogSourceOptions {
  readonly connection: EsdbConnection;
  readonly doorbell: Doorbell;
  /** How long a page is tried for; then the subscription ends with `store_unavailable`. */
  readonly patience: Patience;
}

/**
 * The log as one subscription pulls it: from the last event that the subscriber was given, which is read again
 * each time as proof that this is the same log, and at the head not before the doorbell has rung. So history and
 * live are one and the same read, and there is no seam at which a server could skip or double an event.
 */
export class EsdbLogSource implements LogSource {
  readonly #options: EsdbLogSourceOptions;
  /** The rings before the last read, which can't have seen what came with a later one. */
  #rings = 0;

  constructor(options: EsdbLogSourceOptions) {
    this.#options = options;
  }

  async readAfter(position: Position | undefined, signal: AbortSignal): Promise<LogBatch | undefined> {
    this.#rings = this.#options.doorbell.rings;
    try {
      return await persist(this.#options.patience, {
        attempt: async (deadline) => this.#readOnce(position, deadline, signal),
        giveUp: (_lost, cause) => storeAway(cause),
        signal,
      });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  grownBeyond(position: Position | undefined, signal: AbortSignal): Promise<void> {
    const after = position === undefined ? undefined : parsePosition(position);
    return this.#options.doorbell.after(this.#rings, after, signal);
  }

  async #readOnce(
    position: Position | undefined,
    deadline: Deadline,
    signal: AbortSignal,
  ): Promise<LogBatch | undefined> {
    const from = position === undefined ? undefined : parsePosition(position);
    const request = readLogRequest({ from, prefixes: OUR_PREFIXES }, PAGE);
    const found = recordedOf(await this.#options.connection.read(request, deadline, signal));
    if (position === undefined) return batchOf(found);
    const [anchor, ...rest] = found;
    if (anchor === undefined || positionOf(anchor) !== position) throw unknownPosition(position);
    return batchOf(rest);
  }
}

/** What nobody wants isn't parsed. */
const batchOf = (found: readonly Recorded[]): LogBatch | undefined => {
  const last = found.at(-1);
  if (last === undefined) return undefined;
  const entries = found.map((recorded) => ({
    stream: streamOf(recorded),
    event: () => toRecordedEvent(recorded),
  }));
  return { entries, position: positionOf(last) };
};
