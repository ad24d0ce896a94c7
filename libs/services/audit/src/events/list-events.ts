import type { AuditEvent, AuditEventsPage, AuditEventsQuery } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import { hasCode, timestampNow } from '@countersign/kernel';
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
import { auditRequestStreams, readRequestStreams } from '../record/request-streams.ts';
import { EVENTS_CURSOR, type EventsPlace } from './events-place.ts';
import { readLog } from './read-log.ts';

/** Events that one call looks at: a rare filter answers in several pages, some of them short or empty. */
const MOST_LOOKED_AT = 20_000;

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'policySets' | 'clock'> & {
  readonly mode: ServiceConfig['mode'];
  readonly recordReading: Pick<RecordReading, 'record'>;
};

interface Page {
  readonly events: readonly AuditEvent[];
  readonly next?: EventsPlace;
}

type Filters = Omit<AuditEventsQuery, 'limit' | 'cursor'>;

/**
 * The log itself, oldest first, each event with the verdict on its signature. Pages never shift, since the
 * log only grows at its end; those of one listing end with what was committed when the first was taken.
 */
export class ListEvents {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** `not_auditor`, `invalid_cursor`; the store's errors where the reading can't be recorded. */
  async list(caller: Caller, { limit, cursor, ...filters }: AuditEventsQuery): Promise<AuditEventsPage> {
    await requireAuditor(caller, this.#with.policySets);
    const until = timestampNow(this.#with.clock);
    const place = cursor === undefined ? { shown: 0, until } : EVENTS_CURSOR.parse(cursor);
    const { events, next } =
      filters.request === undefined
        ? await this.#ofLog(place, filters, limit)
        : await this.#ofRequest(filters.request, place, filters, limit);
    const { request: requestId, category, type } = filters;
    const asked = { ...(category !== undefined && { category }), ...(type !== undefined && { type }) };
    await this.#with.recordReading.record(caller, {
      what: 'events',
      requestId,
      filters: asked,
      shown: events,
    });
    return {
      mode: this.#with.mode,
      asOf: place.until,
      events: [...events],
      ...(next && { nextCursor: EVENTS_CURSOR.format(next) }),
    };
  }

  async #ofLog(place: EventsPlace, { category, type }: Filters, limit: number): Promise<Page> {
    const { store, verifier } = this.#with;
    const query = {
      after: place.after,
      categories: category === undefined ? AUDIT_PROJECTION.categories : [category],
      matches: (event: { readonly type: string }) => type === undefined || event.type === type,
      limit,
      most: MOST_LOOKED_AT,
      until: place.until,
    };
    try {
      const { events, after } = await readLog(store, query);
      const audited = await auditEvents(store, verifier, events);
      return { events: audited, ...(after !== undefined && { next: { ...place, after } }) };
    } catch (error) {
      throw hasCode(error, 'unknown_position') ? invalidCursor() : error;
    }
  }

  /** A request's streams are short: they are read whole, and nothing has to be searched. */
  async #ofRequest(requestId: string, place: EventsPlace, filters: Filters, limit: number): Promise<Page> {
    const { store, verifier } = this.#with;
    const { timeline } = auditRequestStreams(verifier, await readRequestStreams(store, requestId));
    const matching = timeline.filter(
      ({ stream, type, committedAt }) =>
        committedAt <= place.until &&
        (filters.type ?? type) === type &&
        (filters.category ?? parseStreamName(stream).category) === parseStreamName(stream).category,
    );
    const shown = place.shown + limit;
    const events = matching.slice(place.shown, shown);
    return { events, ...(shown < matching.length && { next: { ...place, shown } }) };
  }
}
