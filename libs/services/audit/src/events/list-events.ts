import type { AuditEvent, AuditEventsPage, AuditEventsQuery } from '@countersign/contracts';
import { parseStreamName, type Position, type RecordedEvent } from '@countersign/event-store';
import { hasCode } from '@countersign/kernel';
import {
  invalidCursor,
  type Caller,
  type ServiceConfig,
  type ServiceContext,
} from '@countersign/service-host';
import { requireAuditor } from '../auditors.ts';
import type { RecordReading } from '../evidence/record-reading.ts';
import { AUDIT_PROJECTION } from '../projection/audit-projection.ts';
import { auditEvents } from '../record/audited-event.ts';
import { auditRequestStreams, lengthsOf, readRequestStreams, upTo } from '../record/request-streams.ts';
import { LOG_CURSOR, REQUEST_CURSOR } from './events-place.ts';
import { readLog } from './read-log.ts';

/** Events that one call looks at: a rare filter answers in several pages, some of them short or empty. */
const MOST_LOOKED_AT = 20_000;

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'policySets'> & {
  readonly mode: ServiceConfig['mode'];
  readonly recordReading: Pick<RecordReading, 'record'>;
  /** Events that one call looks at. */
  readonly most?: number;
};

interface Found {
  readonly events: readonly AuditEvent[];
  /** Where the next page begins, told the listing's end; absent after the last page. */
  readonly next?: (end: Position) => string;
  /** Of an earlier page's listing. */
  readonly end?: Position;
}

type Filters = Omit<AuditEventsQuery, 'limit' | 'cursor'>;

/**
 * The log itself, oldest first, each event with the verdict on its signature. Pages never shift, since the
 * log only grows at its end; and those of one listing end where its first reading stands in the log itself.
 */
export class ListEvents {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** `not_auditor`, `invalid_cursor`; the store's errors where the reading can't be recorded. */
  async list(caller: Caller, { limit, cursor, ...filters }: AuditEventsQuery): Promise<AuditEventsPage> {
    await requireAuditor(caller, this.#with.policySets);
    const found = await (filters.request === undefined
      ? this.#ofLog(filters, limit, cursor)
      : this.#ofRequest(filters.request, filters, limit, cursor));
    const read = await this.#record(caller, filters, found.events);
    const end = found.end ?? read;
    return {
      mode: this.#with.mode,
      asOf: end,
      events: [...found.events],
      ...(found.next && { nextCursor: found.next(end) }),
    };
  }

  #record(caller: Caller, { request, category, type }: Filters, shown: Found['events']): Promise<Position> {
    const filters = { ...(category !== undefined && { category }), ...(type !== undefined && { type }) };
    return this.#with.recordReading.record(caller, { what: 'events', requestId: request, filters, shown });
  }

  async #ofLog(filters: Filters, limit: number, cursor: string | undefined): Promise<Found> {
    const { store, verifier } = this.#with;
    const { category } = filters;
    const place = cursor === undefined ? undefined : LOG_CURSOR.parse(cursor);
    // The end stands in a stream of evidence, so these are always looked at.
    const categories =
      category === undefined ? AUDIT_PROJECTION.categories : [...new Set([category, 'evidence' as const])];
    const { events, after } = await readLog(store, {
      after: place?.after,
      end: place?.end,
      categories,
      matches: wantedBy(filters),
      limit,
      most: this.#with.most ?? MOST_LOOKED_AT,
    }).catch((error: unknown) => {
      throw hasCode(error, 'unknown_position') ? invalidCursor() : error;
    });
    return {
      events: await auditEvents(store, verifier, events),
      ...(place && { end: place.end }),
      ...(after !== undefined && { next: (end: Position) => LOG_CURSOR.format({ after, end }) }),
    };
  }

  /** A request's streams are short: they are read whole, and nothing has to be searched. */
  async #ofRequest(
    requestId: string,
    filters: Filters,
    limit: number,
    cursor: string | undefined,
  ): Promise<Found> {
    const { store, verifier } = this.#with;
    const streams = await readRequestStreams(store, requestId);
    const place = cursor === undefined ? undefined : REQUEST_CURSOR.parse(cursor);
    const { lengths, shown: from } = place ?? { lengths: lengthsOf(streams), shown: 0 };
    const { timeline } = auditRequestStreams(verifier, upTo(streams, lengths));
    const matching = timeline.filter(wantedBy(filters));
    const shown = from + limit;
    return {
      events: matching.slice(from, shown),
      ...(place && { end: place.end }),
      ...(shown < matching.length && {
        next: (end: Position) => REQUEST_CURSOR.format({ lengths, shown, end }),
      }),
    };
  }
}

type Kind = Pick<RecordedEvent, 'stream' | 'type'>;

const wantedBy =
  ({ category, type }: Filters) =>
  (event: Kind): boolean =>
    (type === undefined || type === event.type) &&
    (category === undefined || category === parseStreamName(event.stream).category);
