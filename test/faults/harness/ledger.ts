import { streamName, type Category, type RecordedEvent } from '@countersign/event-store';

/** What a client was told stands, and by which event of which stream the log has to show it, once. */
interface Acknowledged {
  readonly category: Category;
  readonly requestId: string;
  readonly types: readonly string[];
  /** Where one type may stand several times: which of them is meant. */
  readonly holds: (event: RecordedEvent) => boolean;
  readonly what: string;
}

/**
 * Keeps what services acknowledged to clients, so that it can be looked for in the log: nothing that was
 * acknowledged may be missing, and nothing may stand twice.
 */
export class Ledger {
  readonly #acknowledged: Acknowledged[] = [];

  get size(): number {
    return this.#acknowledged.length;
  }

  requested(requestId: string): void {
    this.#note('request', requestId, ['ActionRequested']);
  }

  decided(requestId: string, approver: string, decision: 'approve' | 'deny'): void {
    const holds = ({ data }: RecordedEvent): boolean =>
      isRecord(data) && data['approver'] === approver && data['decision'] === decision;
    this.#note('review', requestId, ['DecisionRecorded'], holds, `${approver}'s ${decision}`);
  }

  /** Of a review that is open, or of the grant that came of it. */
  cancelled(requestId: string, status: string): void {
    if (status === 'cancelled') this.#note('review', requestId, ['ReviewCancelled']);
    else this.revoked(requestId);
  }

  claimed(requestId: string): void {
    this.#note('grant', requestId, ['GrantOpened']);
    this.#note('grant', requestId, ['TokenIssued']);
  }

  redeemed(requestId: string): void {
    this.#note('grant', requestId, ['GrantRedeemed']);
  }

  reported(requestId: string): void {
    this.#note('grant', requestId, ['ExecutionReported']);
  }

  revoked(requestId: string): void {
    this.#note('grant', requestId, ['GrantRevoked']);
  }

  /** A set is activated once under its digest, unless somebody goes back to it. */
  activated(digest: string): void {
    const holds = ({ data }: RecordedEvent): boolean => isRecord(data) && data['digest'] === digest;
    this.#note('policyset', 'active', ['PolicySetActivated'], holds, `activation of ${digest}`);
  }

  /** What was acknowledged and doesn't stand exactly once. */
  faults(events: readonly RecordedEvent[]): readonly string[] {
    const streams = Map.groupBy(events, ({ stream }) => stream);
    return this.#acknowledged.flatMap(({ category, requestId, types, holds, what }) => {
      const stream = streamName(category, requestId);
      const found = (streams.get(stream) ?? []).filter((event) => types.includes(event.type) && holds(event));
      return found.length === 1
        ? []
        : [`${stream}: ${what} was acknowledged and stands ${found.length} times`];
    });
  }

  #note(
    category: Category,
    requestId: string,
    types: readonly string[],
    holds: Acknowledged['holds'] = () => true,
    what = types.join(),
  ): void {
    this.#acknowledged.push({ category, requestId, types, holds, what });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
