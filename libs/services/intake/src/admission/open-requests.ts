import { parseStreamName, type RecordedEvent } from '@countersign/event-store';
import type { ViewStatements } from '@countersign/follower';

export interface Held {
  readonly requests: number;
  readonly bytes: number;
  /** Of the requests: those that wait for people. The others wait for policy. */
  readonly pending: number;
}

interface Admitted {
  readonly requester: string;
  readonly bytes: number;
}

/**
 * What isn't settled, by requester and of all: as the view has it, and what this process has admitted that its view
 * hasn't seen. A view that stops therefore forgets nothing that was admitted here: the caps close, and stay closed.
 */
export class OpenRequests {
  readonly #view: Pick<ViewStatements, 'get'>;
  readonly #unseen = new Map<string, Admitted>();

  constructor(view: Pick<ViewStatements, 'get'>) {
    this.#view = view;
  }

  heldBy(requester: string): Held {
    const row = this.#view.get(
      `SELECT count(*) AS requests, total(bytes) AS bytes, total(pending) AS pending
       FROM open_request WHERE requester = ?`,
      requester,
    );
    const unseen = [...this.#unseen.values()].filter((admitted) => admitted.requester === requester);
    return {
      requests: Number(row?.['requests']) + unseen.length,
      bytes: Number(row?.['bytes']) + unseen.reduce((sum, { bytes }) => sum + bytes, 0),
      pending: Number(row?.['pending']),
    };
  }

  /** Requests of everybody that policy hasn't evaluated. */
  unevaluated(): number {
    const row = this.#view.get('SELECT count(*) AS requests FROM open_request WHERE pending = 0');
    return Number(row?.['requests']) + this.#unseen.size;
  }

  /** Counts a request from before its append until the view has it. Returns how to take it back. */
  expect(requestId: string, admitted: Admitted): () => void {
    this.#unseen.set(requestId, admitted);
    return () => void this.#unseen.delete(requestId);
  }

  /** After the view was moved on by these events. */
  applied(events: readonly RecordedEvent[]): void {
    for (const { stream, type } of events) {
      if (type === 'ActionRequested') this.#unseen.delete(parseStreamName(stream).id);
    }
  }
}
