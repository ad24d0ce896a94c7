import {
  auditCase,
  auditEventsPage,
  auditRebuild,
  auditRequestsPage,
  type AuditCase,
  type AuditEventsPage,
  type AuditRebuild,
  type AuditRequestsPage,
} from '@countersign/contracts';
import type { AnswerSchema } from './answer.ts';
import type { CallOptions, Transport } from './transport.ts';

/** Filters of a listing, as the query parameters of the same name. */
export type AuditQuery = Readonly<Record<string, string | number | undefined>>;

/** A replay of a long log takes its time, and fetch itself ends an unanswered call after five minutes. */
const REBUILD_WAIT_MS = 280_000;

/** What the record says; for auditors. */
export class AuditClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async requests(query: AuditQuery = {}, options: CallOptions = {}): Promise<AuditRequestsPage> {
    return this.#get('v1/audit/requests', auditRequestsPage, query, options);
  }

  async case(id: string, options: CallOptions = {}): Promise<AuditCase> {
    return this.#get(`v1/audit/requests/${encodeURIComponent(id)}`, auditCase, {}, options);
  }

  async events(query: AuditQuery = {}, options: CallOptions = {}): Promise<AuditEventsPage> {
    return this.#get('v1/audit/events', auditEventsPage, query, options);
  }

  /** Replays the whole log into a fresh projection and compares it with the live one. */
  async rebuild(options: CallOptions = {}): Promise<AuditRebuild> {
    return this.#transport.call({
      ...options,
      method: 'POST',
      path: 'v1/audit/rebuild',
      answer: auditRebuild,
      repeatable: false,
      waitMs: REBUILD_WAIT_MS,
    });
  }

  async #get<Answer>(
    path: string,
    answer: AnswerSchema<Answer>,
    query: AuditQuery,
    options: CallOptions,
  ): Promise<Answer> {
    return this.#transport.call({
      ...options,
      method: 'GET',
      path,
      query,
      answer,
      repeatable: true,
    });
  }
}
