import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  parseStreamName,
  signAppend,
  WRITER_OF,
  type EventEnvelope,
  type RecordedEvent,
} from '@countersign/event-store';
import {
  canonicalJson,
  toTimestamp,
  type DomainEvent,
  type JsonObject,
  type ServiceName,
  type Signer,
} from '@countersign/kernel';
import { keysFolderOf, loadOrCreateKey } from '@countersign/keys-file';

/** Signs with nobody's key. */
const SCRIBBLE: Signer = { kid: 'none', sign: () => randomBytes(64) };

export interface Forgery {
  readonly stream: string;
  readonly events: readonly DomainEvent[];
  /** Whose key signs it; absent: nobody's. */
  readonly signedBy?: ServiceName;
  /** Which service it claims to be by; the stream's writer unless told. */
  readonly service?: ServiceName;
}

/** Writes straight into the log of a stopped process, as somebody with access to the file could. */
export class Forger {
  readonly #dataFolder: string;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  append({ stream, events, signedBy, service }: Forgery): void {
    const signer =
      signedBy === undefined ? SCRIBBLE : loadOrCreateKey(keysFolderOf(this.#dataFolder), signedBy);
    const { category, id } = parseStreamName(stream);
    const metadata = {
      occurredAt: toTimestamp(Date.now()),
      correlationId: id,
      actor: { type: 'User', id: 'alice', via: { channel: 'api' } },
      service: service ?? WRITER_OF[category],
    } as const;
    this.#write(stream, (first) =>
      signAppend(
        stream,
        first,
        events.map(({ type, data }) => ({
          id: randomUUID(),
          type,
          schemaVersion: 1,
          data: data as JsonObject,
          metadata,
        })),
        signer,
      ),
    );
  }

  /** Genuine events, signatures and all, at the end of another stream. */
  transplant(stream: string, events: readonly RecordedEvent[]): void {
    this.#write(stream, () =>
      events.map(({ id, type, schemaVersion, data, metadata }) => ({
        id,
        type,
        schemaVersion,
        data,
        metadata,
      })),
    );
  }

  #write(stream: string, envelopes: (first: number) => readonly EventEnvelope[]): void {
    const db = new DatabaseSync(join(this.#dataFolder, 'log', 'events.db'));
    try {
      db.prepare('INSERT OR IGNORE INTO streams (name) VALUES (?)').run(stream);
      const streamId = Number(db.prepare('SELECT id FROM streams WHERE name = ?').get(stream)?.['id']);
      const head = db.prepare('SELECT max(revision) AS head FROM events WHERE stream_id = ?').get(streamId)?.[
        'head'
      ];
      const first = Number(head ?? -1) + 1;
      const add = db.prepare(
        'INSERT INTO events SELECT max(position) + 1, ?, ?, max(committed_at), ? FROM events',
      );
      envelopes(first).forEach((envelope, index) =>
        add.run(streamId, first + index, canonicalJson(envelope)),
      );
    } finally {
      db.close();
    }
  }
}
