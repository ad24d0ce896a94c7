import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { natsInboxPrefix, requesterNatsToken, requestNatsSubject } from '@countersign/contracts';
import { parseEntity } from '@countersign/kernel';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import type { Countersign } from './countersign.ts';

const access = z.strictObject({ url: z.string(), user: z.string(), pass: z.string() });

export interface Heard {
  readonly natsSubject: string;
  readonly message: Readonly<Record<string, unknown>>;
}

const HEAR_MS = 10_000;

/** A requester as it is on NATS: with the requester user's own credentials, and nothing of ours in between. */
export class RequesterOnNats {
  readonly #connection: NatsConnection;
  readonly #heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();
  readonly token: string;

  private constructor(connection: NatsConnection, as: string) {
    this.#connection = connection;
    this.token = requesterNatsToken(parseEntity(as));
  }

  /** Connects, and listens to all that is told to this requester before it returns. */
  static async connect({ dataFolder }: Countersign, as: string): Promise<RequesterOnNats> {
    const { url, ...user } = access.parse(
      JSON.parse(readFileSync(join(dataFolder, 'nats-requester.json'), 'utf8')),
    );
    const connection = await connect({ servers: url, ...user, inboxPrefix: natsInboxPrefix('requester') });
    const requester = new RequesterOnNats(connection, as);
    for (const kind of ['accepted', 'rejected'])
      requester.#listen(`countersign.v1.${kind}.${requester.token}`);
    requester.#listen(`countersign.v1.receipts.${requester.token}.>`);
    await connection.flush();
    return requester;
  }

  /** Publishes on its own subject; text as it is. Nobody acknowledges but by `accepted` and `rejected`. */
  publish(body: object | string, bearer?: string): void {
    const sent = headers();
    if (bearer !== undefined) sent.set('Authorization', `Bearer ${bearer}`);
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    this.#connection.publish(requestNatsSubject(this.token), payload, { headers: sent });
  }

  /** The first message of this kind that holds, said before or to come, and not heard by an earlier call. */
  async hear(
    kind: 'accepted' | 'rejected' | 'receipts',
    holds: (message: Heard['message']) => boolean = () => true,
  ): Promise<Heard['message']> {
    const deadline = AbortSignal.timeout(HEAR_MS);
    for (;;) {
      const index = this.#heard.findIndex(
        ({ natsSubject, message }) => natsSubject.startsWith(`countersign.v1.${kind}.`) && holds(message),
      );
      if (index >= 0) return this.#heard.splice(index, 1)[0]?.message ?? {};
      await this.#next(deadline);
    }
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  #next(deadline: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.add(resolve);
      const tell = (): void =>
        reject(new Error(`Nothing of the kind came; heard: ${JSON.stringify(this.#heard)}`));
      deadline.addEventListener('abort', tell, { once: true });
    });
  }

  #listen(natsSubject: string): void {
    this.#connection.subscribe(natsSubject, {
      callback: (_error, { subject, data }) => {
        this.#heard.push({
          natsSubject: subject,
          message: JSON.parse(Buffer.from(data).toString('utf8')) as Record<string, unknown>,
        });
        for (const wake of this.#waiting) wake();
        this.#waiting.clear();
      },
    });
  }
}
