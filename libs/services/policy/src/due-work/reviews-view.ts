import type { ViewStatements } from '@countersign/follower';
import { plusMs, type Timestamp } from '@countersign/kernel';

/** A doorbell is heard by one replica at once; the others, which look every second, have done it within two. */
const HEARD_MS = 1_000;

/**
 * Items that one look takes up. Far more than a backlog should ever be, so that items which fail and wait
 * can't hide those that come after them.
 */
const MAX_DUE = 10_000;

const DUE = `
  SELECT request_id, requested_at AS due_at FROM unevaluated WHERE requested_at <= ?
  UNION ALL SELECT request_id, expires_at FROM open_reviews WHERE expires_at <= ?
  UNION ALL SELECT request_id, after FROM escalations WHERE after <= ?
  ORDER BY due_at, request_id LIMIT ${MAX_DUE}
`;

const CANDIDATES = `
  SELECT request_id, expires_at FROM open_reviews AS review
  WHERE EXISTS (
    SELECT 1 FROM deciding_groups AS deciding
    WHERE deciding.request_id = review.request_id
      AND deciding.group_name IN (SELECT value FROM json_each(?))
  )
  AND (expires_at, request_id) < (?, ?)
  ORDER BY expires_at DESC, request_id DESC LIMIT ?
`;

export interface OpenReviewKey {
  readonly expiresAt: Timestamp;
  readonly requestId: string;
}

/** After every place there is: where a list that is read backwards begins. */
const BEGINNING: OpenReviewKey = { expiresAt: '~', requestId: '~' };

/** Questions to the projected rows; hints, all of them. */
export class ReviewsView {
  readonly #view: ViewStatements;

  constructor(view: ViewStatements) {
    this.#view = view;
  }

  /** Requests that should have been looked after by now, the longest due first. */
  due(now: Timestamp): readonly string[] {
    const rows = this.#view.all(DUE, plusMs(now, -HEARD_MS), now, now);
    return rows.map((row) => String(row['request_id']));
  }

  /** Open reviews that somebody of these groups might decide, the latest deadline first. */
  candidates(groups: readonly string[], limit: number, after = BEGINNING): readonly OpenReviewKey[] {
    const rows = this.#view.all(CANDIDATES, JSON.stringify(groups), after.expiresAt, after.requestId, limit);
    return rows.map((row) => ({
      expiresAt: String(row['expires_at']),
      requestId: String(row['request_id']),
    }));
  }

  openReviews(): number {
    return Number(this.#view.get('SELECT count(*) AS n FROM open_reviews')?.['n'] ?? 0);
  }
}
