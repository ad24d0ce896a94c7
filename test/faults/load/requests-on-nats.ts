import { readNkeySeed } from '@countersign/bus-nats';
import { requesterNatsToken } from '@countersign/contracts';
import { parseEntity } from '@countersign/kernel';
import { connect, nkeyAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import { join } from 'node:path';
import { ETL_BOT, stagingRead } from '../../e2e/harness/life-cycle.ts';
import type { Scenario } from '../harness/scenarios.ts';
import { submitOnNats } from '../harness/submit-on-nats.ts';
import type { StackUnderLoad } from './stack-under-load.ts';

const PATIENCE_MS = 120_000;

export interface RequestsOnNats {
  readonly scenario: Scenario;
  readonly connection: NatsConnection;
}

/** Etl-bot asking on NATS too, with its own key: it repeats until it hears `accepted`, and goes on over HTTP. */
export const requestsOnNats = async (
  under: StackUnderLoad,
  servers: string | readonly string[] = under.stack.natsUrl,
): Promise<RequestsOnNats> => {
  const token = requesterNatsToken(parseEntity(ETL_BOT));
  const seed = readNkeySeed(join(under.stack.folders.nats, 'access', 'requesters', `${token}.nk`));
  const connection = await connect({
    servers: typeof servers === 'string' ? servers : [...servers],
    authenticator: nkeyAuthenticator(seed),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    // Half-open connections are for the client to notice; by its own settings it takes minutes.
    pingInterval: 2_000,
  });
  const onNats = { connection, token, bearer: await under.token(ETL_BOT), patienceMs: PATIENCE_MS };
  const scenario: Scenario = {
    name: 'asked on NATS and run',
    ends: ['succeeded'],
    play: async (journey) => {
      await journey.adopt({ id: await submitOnNats(onNats, stagingRead()) });
      await journey.until('approved');
      await journey.redeem(await journey.claim());
      await journey.report();
    },
  };
  return { scenario, connection };
};
