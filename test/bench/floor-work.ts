import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto';
import { SqliteEventStore } from '@countersign/event-store-sqlite';
import type { JsonObject } from '@countersign/kernel';
import { SystemClock } from '@countersign/kernel';
import type { NatsConnection } from '@nats-io/transport-node';

const ECHO = 'countersign.internal.floor.echo';
const EVALUATE = 'countersign.internal.floor.evaluate';

/** As long as a real one; nothing here checks it. */
const SIGNATURE = { kid: 'k'.repeat(43), first: 0, count: 1, value: 's'.repeat(86) };

/** The least that each step can do: appends, hops and signatures through the same adapters, and nothing else. */
export class FloorWork {
  readonly #store: SqliteEventStore;
  readonly #nats: NatsConnection;
  readonly #clock = new SystemClock();
  readonly #keys = generateKeyPairSync('ed25519');
  readonly #signed: Buffer;

  private constructor(store: SqliteEventStore, nats: NatsConnection) {
    this.#store = store;
    this.#nats = nats;
    this.#signed = this.sign();
  }

  static async open(folder: string, nats: NatsConnection): Promise<FloorWork> {
    const store = await SqliteEventStore.open({ folder, clock: new SystemClock() });
    const work = new FloorWork(store, nats);
    nats.subscribe(ECHO, { callback: (_error, message) => void message.respond(message.data) });
    nats.subscribe(EVALUATE, {
      callback: (_error, message) => {
        void work.append({ evaluated: true }).then(() => message.respond(message.data));
      },
    });
    return work;
  }

  /** One durable append of one event to a stream of its own. */
  async append(data: JsonObject): Promise<string> {
    const id = randomUUID();
    await this.#store.append(`request-${id}`, 'no-stream', [
      {
        id: randomUUID(),
        type: 'FloorMeasured',
        schemaVersion: 1,
        data,
        metadata: {
          occurredAt: new Date(this.#clock.nowMs()).toISOString(),
          correlationId: id,
          actor: { type: 'Agent', id: 'etl-bot', via: { channel: 'api' } },
          service: 'intake',
          signature: SIGNATURE,
        },
      },
    ]);
    return id;
  }

  /** A request over NATS and its answer. */
  async hop(data: JsonObject): Promise<void> {
    await this.#nats.request(ECHO, JSON.stringify(data));
  }

  /** The same, with an append where it arrives. */
  async evaluate(id: string): Promise<void> {
    await this.#nats.request(EVALUATE, id);
  }

  sign(): Buffer {
    return sign(null, Buffer.alloc(400, 'a token'), this.#keys.privateKey);
  }

  verify(): boolean {
    return verify(null, Buffer.alloc(400, 'a token'), this.#keys.publicKey, this.#signed);
  }
}
