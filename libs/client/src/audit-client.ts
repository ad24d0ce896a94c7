import { jsonObject } from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
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

  async requests(query: AuditQuery = {}, options: CallOptions = {}): Promise<JsonObject> {
    return this.#get('v1/audit/requests', query, options);
  }

  async case(id: string, options: CallOptions = {}): Promise<JsonObject> {
    return this.#get(`v1/audit/requests/${encodeURIComponent(id)}`, {}, options);
  }

  async events(query: AuditQuery = {}, options: CallOptions = {}): Promise<JsonObject> {
    return this.#get('v1/audit/events', query, options);
  }

  /** Replays the whole log into a fresh projection and compares it with the live one. */
  async rebuild(options: CallOptions = {}): Promise<JsonObject> {
    return this.#transport.call({
      ...options,
      method: 'POST',
      path: 'v1/audit/rebuild',
      answer: jsonObject,
      repeatable: false,
      waitMs: REBUILD_WAIT_MS,
    });
  }

  async #get(path: string, query: AuditQuery, options: CallOptions): Promise<JsonObject> {
    return this.#transport.call({
      ...options,
      method: 'GET',
      path,
      query,
      answer: jsonObject,
      repeatable: true,
    });
  }
}
