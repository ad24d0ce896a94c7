import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AuditRequestsPage, AuditRequestsQuery } from '@countersign/contracts';
import type { ViewStatements } from '@countersign/follower';
import { CodedError } from '@countersign/kernel';
import {
  invalidCursor,
  type Caller,
  type ServiceConfig,
  type ServiceContext,
} from '@countersign/service-host';
import { requireAuditor } from '../auditors.ts';
import type { LiveProjection } from '../projection/live-projection.ts';
import { LIST_CURSOR, type ListPlace, type Pin } from './list-place.ts';
import { selectRequests, type Filters, type ListedRequest } from './requests-sql.ts';

/** Requests looked at in one turn: a rare filter over a long record must not hold up everything else. */
const STRETCH = 2_000;

type Dependencies = Pick<ServiceContext, 'policySets'> & {
  readonly mode: ServiceConfig['mode'];
  readonly projection: Pick<LiveProjection, 'read' | 'live'>;
  /** Requests looked at in one turn. */
  readonly stretch?: number;
};

/**
 * Requests on record, newest first. All pages of one listing tell the record as it stood when the first was
 * taken: they neither show a request twice nor miss one, whatever is asked and decided meanwhile.
 */
export class ListRequests {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** `not_auditor`, `invalid_cursor`, `projection_unavailable`. */
  async list(caller: Caller, { limit, cursor, ...filters }: AuditRequestsQuery): Promise<AuditRequestsPage> {
    await requireAuditor(caller, this.#with.policySets);
    const place = cursor === undefined ? this.#newest() : this.#known(LIST_CURSOR.parse(cursor));
    const found = await this.#search(place, filters, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    const { position } = place.pin;
    return {
      mode: this.#with.mode,
      ...(position !== '' && { asOf: position }),
      requests: shown.map(({ entry }) => entry),
      ...(found.length > limit &&
        last !== undefined && { nextCursor: LIST_CURSOR.format({ pin: place.pin, before: last.seq }) }),
    };
  }

  #newest(): ListPlace {
    const pin = pinOf(this.#with.projection.read(), this.#with.projection.live.follower.status().position);
    return { pin, before: pin.requests + 1 };
  }

  /** A cursor may have been given by a replica that is ahead, or over a log that was since restored. */
  #known(place: ListPlace): ListPlace {
    const { requests, facts, lastId } = place.pin;
    const head = pinOf(this.#with.projection.read(), '');
    if (head.requests < requests || head.facts < facts) {
      throw new CodedError('projection_unavailable', 'This replica is behind the listing; try again.');
    }
    if (idOf(this.#with.projection.read(), requests) !== lastId) throw invalidCursor();
    return place;
  }

  async #search({ pin, before }: ListPlace, filters: Filters, wanted: number): Promise<ListedRequest[]> {
    const { stretch: length = STRETCH } = this.#with;
    const found: ListedRequest[] = [];
    for (let end = before; end > 1 && found.length < wanted;) {
      const above = Math.max(0, end - 1 - length);
      const stretch = { above, before: end, limit: wanted - found.length };
      found.push(...selectRequests(this.#with.projection.read(), pin, filters, stretch));
      end = above + 1;
      await nextTurn();
    }
    return found;
  }
}

const lastSeq = (view: ViewStatements, table: 'request' | 'fact'): number =>
  Number(view.get(`SELECT max(seq) AS seq FROM ${table}`)?.['seq'] ?? 0);

const idOf = (view: ViewStatements, seq: number): string =>
  String(view.get('SELECT id FROM request WHERE seq = ?', seq)?.['id'] ?? '');

const pinOf = (view: ViewStatements, position: string | undefined): Pin => {
  const requests = lastSeq(view, 'request');
  return { position: position ?? '', requests, lastId: idOf(view, requests), facts: lastSeq(view, 'fact') };
};
