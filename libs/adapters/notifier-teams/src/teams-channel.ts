import type { Clock } from '@countersign/kernel';
import type { Channel, ClickDesk } from '@countersign/notifier';
import { AccessToken, CONNECTOR_SCOPE } from './connector/access-token.ts';
import { ConnectorClient } from './connector/connector-client.ts';
import {
  certificateCredential,
  secretCredential,
  type ClientCredential,
} from './credential/client-credential.ts';
import { readCertificate } from './credential/read-certificate.ts';
import { readSecret } from './credential/read-secret.ts';
import { graphClient } from './graph/graph-client-of.ts';
import { PostedCards } from './graph/posted-cards.ts';
import { TeamsWebhook } from './inbound/teams-webhook.ts';
import { teamsVerifier } from './inbound/verify-activity.ts';
import { KeptMessages } from './kept-messages.ts';
import { endpointsOf, type TeamsConfig } from './teams-config.ts';
import type { TeamsLog } from './teams-log.ts';
import { TeamsNotifier } from './teams-notifier.ts';

export interface TeamsSurroundings {
  readonly desk: ClickDesk;
  readonly clock: Clock;
  readonly log: TeamsLog;
  /** Milliseconds that a click's answer waits for policy. Teams itself gives a bot about ten seconds. */
  readonly answerWithinMs?: number;
}

const ANSWER_WITHIN_MS = 4_000;

/** Microsoft Teams as a channel. Loads its library, which takes about a second and 100 MB, now. */
export const teamsChannel = async (
  config: TeamsConfig,
  { desk, clock, log, answerWithinMs = ANSWER_WITHIN_MS }: TeamsSurroundings,
): Promise<Channel> => {
  const endpoints = endpointsOf(config);
  const { appId, conversations, serviceUrls } = config;
  const credential = credentialOf(config, clock);
  const verify = await teamsVerifier(appId, endpoints);
  const { tokenUrl } = endpoints;
  const accessToken = new AccessToken({ tokenUrl, scope: CONNECTOR_SCOPE, appId, credential, clock });
  const client = new ConnectorClient({ accessToken, allowedServiceUrls: serviceUrls });
  const kept = new KeptMessages();
  const webhook = new TeamsWebhook({ config, conversations, kept, verify, desk, log, answerWithinMs });
  const graph = config.askGraph ? graphClient(endpoints, { appId, credential, clock }) : undefined;
  const posted = new PostedCards({ graph, appId, clock, log });
  return {
    notifier: new TeamsNotifier({ client, posted, kept, conversations, clock }),
    webhook: (request) => webhook.answer(request),
    stop: () => webhook.settled(),
  };
};

const credentialOf = (
  { appId, clientSecretFile, certificate: files }: TeamsConfig,
  clock: Clock,
): ClientCredential => {
  if (clientSecretFile !== undefined) return secretCredential(readSecret(clientSecretFile));
  if (files === undefined) throw new Error('Settings without a credential are refused.');
  return certificateCredential({ appId, certificate: readCertificate(files, clock.nowMs()), clock });
};
