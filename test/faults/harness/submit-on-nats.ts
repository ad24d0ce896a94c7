import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readNkeySeed } from '@countersign/bus-nats';
import { requesterNatsToken, requestNatsSubject } from '@countersign/contracts';
import type { LocalStack } from '@countersign/dev-stack';
import { parseEntity } from '@countersign/kernel';
import { connect, headers, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { ActionParts } from '../../e2e/harness/life-cycle.ts';

export interface OnNats {
  readonly connection: NatsConnection;
  /** Of the requester, as it stands in subjects. */
  readonly token: string;
  /** Its JWT. */
  readonly bearer: string;
  readonly patienceMs: number;
}

interface ReachedByTokens {
  readonly stack: Pick<LocalStack, 'natsUrl' | 'folders'>;
  token(as: string): Promise<string>;
}

const PATIENCE_MS = 120_000;

/** A requester as it is on NATS, with a login of its own; it connects again as often as it has to. */
export const connectOnNats = async (reached: ReachedByTokens, as: string): Promise<OnNats> => {
  const { stack } = reached;
  const token = requesterNatsToken(parseEntity(as));
  const seed = readNkeySeed(join(stack.folders.nats, 'access', 'requesters', `${token}.nk`));
  const connection = await connect({
    servers: stack.natsUrl,
    authenticator: nkeyAuthenticator(seed),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
  });
  return { connection, token, bearer: await reached.token(as), patienceMs: PATIENCE_MS };
};

type Message = Readonly<Record<string, unknown>>;

const REPEAT_MS = 300;

const parse = (data: Uint8Array): Message => JSON.parse(Buffer.from(data).toString('utf8')) as Message;

/** Resolves with the first message on the subject that holds; `repeat` is called until then. */
const hear = (
  { connection, patienceMs }: OnNats,
  natsSubject: string,
  holds: (message: Message) => boolean,
  repeat: () => void = () => undefined,
): Promise<Message> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearInterval(repeating);
      clearTimeout(giveUp);
      subscription.unsubscribe();
    };
    const subscription = connection.subscribe(natsSubject, {
      callback: (_error, { data }) => {
        const message = parse(data);
        if (!holds(message)) return;
        stop();
        resolve(message);
      },
    });
    const repeating = setInterval(repeat, REPEAT_MS);
    const giveUp = setTimeout(() => {
      stop();
      reject(new Error(`Nothing of the kind came on ${natsSubject}.`));
    }, patienceMs);
    repeat();
  });

/** Publishes one CloudEvent, again and again, until it is told that it is durable: the request's id. */
export const submitOnNats = async (onNats: OnNats, data: ActionParts): Promise<string> => {
  const { connection, token, bearer } = onNats;
  const event = {
    id: randomUUID(),
    specversion: '1.0',
    source: '/jobs/etl',
    type: 'countersign.request.v1',
    data,
  };
  const sent = headers();
  sent.set('Authorization', `Bearer ${bearer}`);
  const publish = (): void => {
    if (connection.isClosed()) return;
    connection.publish(requestNatsSubject(token), JSON.stringify(event), { headers: sent });
  };
  const isMine = ({ id }: Message): boolean => id === event.id;
  const { requestId } = await hear(onNats, `countersign.v1.accepted.${token}`, isMine, publish);
  return String(requestId);
};

/** Resolves when a receipt said so; begin to listen before it can be said. */
export const hearReceipt = (onNats: OnNats, requestId: string, status: string): Promise<unknown> =>
  hear(
    onNats,
    `countersign.v1.receipts.${onNats.token}.${requestId}`,
    (message) => message['status'] === status,
  );
