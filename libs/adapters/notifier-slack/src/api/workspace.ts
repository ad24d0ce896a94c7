import { WebClient, type WebClientOptions } from '@slack/web-api';
import type { WorkspaceConfig } from '../config/slack-config.ts';
import { APP_TOKEN, BOT_TOKEN, readSecret, SIGNING_SECRET } from '../config/read-secret.ts';
import { QUIET } from './quiet-logger.ts';

/** Within the deadline that the outbox gives a delivery. */
const POST_TIMEOUT_MS = 5_000;

/** A view can be opened for three seconds after the click. */
const VIEW_TIMEOUT_MS = 2_500;

/** A workspace of Slack's, and how to call it. */
export interface Workspace {
  readonly teamId: string;
  readonly enterpriseId: string | undefined;
  readonly web: WebClient;
  /** For what a person waits for. */
  readonly hastyWeb: WebClient;
  /** Undefined where clicks come through Socket Mode. */
  readonly signingSecret: string | undefined;
  readonly appToken: string | undefined;
}

/**
 * Slack's client as it comes tries again for half an hour and lets one 429 delay every call: the outbox owns
 * that. A call is made once, ends in time, and goes nowhere but to Slack.
 */
export const clientOptions = (apiUrl: string | undefined, timeout: number): WebClientOptions => ({
  rejectRateLimitedCalls: true,
  retryConfig: { retries: 0 },
  timeout,
  allowAbsoluteUrls: false,
  logger: QUIET,
  ...(apiUrl !== undefined && { slackApiUrl: apiUrl }),
});

export const openWorkspace = (config: WorkspaceConfig, apiUrl: string | undefined): Workspace => {
  const { teamId, enterpriseId, botTokenFile, signingSecretFile, appTokenFile } = config;
  const token = readSecret('bot token', botTokenFile, BOT_TOKEN);
  return {
    teamId,
    enterpriseId,
    web: new WebClient(token, clientOptions(apiUrl, POST_TIMEOUT_MS)),
    hastyWeb: new WebClient(token, clientOptions(apiUrl, VIEW_TIMEOUT_MS)),
    signingSecret:
      signingSecretFile === undefined
        ? undefined
        : readSecret('signing secret', signingSecretFile, SIGNING_SECRET),
    appToken: appTokenFile === undefined ? undefined : readSecret('app-level token', appTokenFile, APP_TOKEN),
  };
};
