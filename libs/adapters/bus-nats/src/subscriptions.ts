import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import type { NatsLink } from './nats-link.ts';
import { within } from './within.ts';

export interface Standing {
  /** Asks the server for no more, and resolves when what it had already sent has begun, or at the deadline. */
  drain(deadlineMs: number): Promise<void>;
}

/** A subscription that is made again on every new connection, until it is stopped. */
export const standingSubscription = (
  link: NatsLink,
  natsSubject: string,
  queue: string | undefined,
  onMessage: (message: Msg) => void,
): Standing => {
  let current: Subscription | undefined;
  const subscribe = (connection: NatsConnection) => {
    current = connection.subscribe(natsSubject, {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => {
        if (error === null) onMessage(message);
      },
    });
  };
  const forget = link.onConnection(subscribe);
  return {
    drain: async (deadlineMs) => {
      forget();
      if (current?.isClosed() === false) await within(deadlineMs, current.drain());
    },
  };
};
