import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { SERVICE_KEYS } from '@countersign/contracts';
import type { LocalStack } from '@countersign/dev-stack';
import {
  parseStreamName,
  retryOnConflict,
  signAppend,
  WRITER_OF,
  type EventEnvelope,
} from '@countersign/event-store';
import { EsdbEventStore, parseEsdbAddress } from '@countersign/event-store-esdb';
import {
  toTimestamp,
  type DomainEvent,
  type JsonObject,
  type ServiceName,
  type Signer,
} from '@countersign/kernel';
import { loadOrCreateKey, type SigningKey } from '@countersign/keys-file';
import { connect, headers, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { inboxPrefixOf, readNkeySeed } from '@countersign/bus-nats';

/** Under whose name an append is written, and with which key it is signed. */
export interface Guise {
  readonly name: 'its own' | "the writer's";
  readonly key: 'stolen' | 'made up';
}

const CALL_MS = 10_000;

const madeUp = (): Signer => {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { kid: 'A'.repeat(43), sign: (bytes) => sign(null, bytes, privateKey) };
};

/**
 * Somebody who has everything that one service has: its private keys, its login at NATS, and rights to the store.
 * The store's rights are taken to be the worst that could be configured: every stream may be written to.
 */
export class Thief {
  readonly service: ServiceName;
  readonly nats: NatsConnection;
  readonly #store: EsdbEventStore;
  readonly #keys: ReadonlyMap<string, SigningKey>;
  readonly #refused: string[] = [];

  private constructor(service: ServiceName, stack: LocalStack, nats: NatsConnection) {
    this.service = service;
    this.nats = nats;
    this.#store = new EsdbEventStore({ address: parseEsdbAddress(stack.eventStoreAddress), name: 'thief' });
    const { folders } = stack;
    const load = (name: string) => loadOrCreateKey(folders.privateKeys(service), name, folders.publicKeys);
    this.#keys = new Map((SERVICE_KEYS.get(service) ?? []).map((name) => [name, load(name)]));
    void this.#noteRefusals();
  }

  static async of(service: ServiceName, stack: LocalStack): Promise<Thief> {
    const nats = await connect({
      servers: stack.natsUrl,
      authenticator: nkeyAuthenticator(readNkeySeed(stack.natsAccess.seeds[service])),
      inboxPrefix: inboxPrefixOf(service),
      reconnect: false,
    });
    return new Thief(service, stack, nats);
  }

  async leave(): Promise<void> {
    await this.nats.close();
    await this.#store.close();
  }

  /** A private key of the service. */
  key(name: string): SigningKey {
    const key = this.#keys.get(name);
    if (key === undefined) throw new Error(`${this.service} has no key ${name}.`);
    return key;
  }

  /** At the head of the stream, wherever its writer moves that meanwhile. */
  append(stream: string, events: readonly DomainEvent[], guise: Guise): Promise<void> {
    return retryOnConflict(() => this.#append(stream, events, guise));
  }

  async #append(stream: string, events: readonly DomainEvent[], { name, key }: Guise): Promise<void> {
    const { category, id } = parseStreamName(stream);
    const [head] = await this.#store.readStream(stream, { direction: 'backwards', limit: 1 });
    const metadata = {
      occurredAt: toTimestamp(Date.now()),
      correlationId: id,
      actor: { type: 'User', id: 'alice', via: { channel: 'api' } },
      service: name === 'its own' ? this.service : WRITER_OF[category],
    } as const;
    const envelopes = events.map(({ type, data }) => ({
      id: randomUUID(),
      type,
      schemaVersion: 1,
      data: data as JsonObject,
      metadata,
    }));
    const signer = key === 'stolen' ? this.key(this.service) : madeUp();
    const signed: readonly EventEnvelope[] = signAppend(
      stream,
      (head?.revision ?? -1) + 1,
      envelopes,
      signer,
    );
    await this.#store.append(stream, head?.revision ?? 'no-stream', signed);
  }

  /** How many of these the NATS server refused. */
  async refusals(...attempts: readonly ((nats: NatsConnection) => void)[]): Promise<number> {
    const before = this.#refused.length;
    for (const attempt of attempts) attempt(this.nats);
    await this.nats.flush();
    // The status iterator hands on in promises of its own what arrived before the flush was answered.
    await turn();
    return this.#refused.length - before;
  }

  /** What is answered to a call, whatever it says; called as services call, or it would get no further. */
  async call(natsSubject: string, message: object): Promise<string> {
    const carrier = headers();
    carrier.set('Countersign-Deadline', toTimestamp(Date.now() + CALL_MS));
    const timing = { timeout: CALL_MS, headers: carrier };
    const answer = await this.nats.request(natsSubject, JSON.stringify(message), timing);
    return answer.string();
  }

  async #noteRefusals(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'error') this.#refused.push(status.error.message);
    }
  }
}
