import type { Channel, ClickDesk } from '@countersign/notifier';
import { openWorkspace } from './api/workspace.ts';
import type { SlackConfig } from './config/slack-config.ts';
import { Interactions } from './interact/interactions.ts';
import { Modals } from './interact/modals.ts';
import { PrivateAnswers } from './interact/private-answers.ts';
import { Submissions } from './interact/submissions.ts';
import { slackWebhook } from './interact/webhook.ts';
import { SlackFacts } from './notify/channel-facts.ts';
import { SlackNotifier } from './notify/slack-notifier.ts';
import type { SlackLog } from './slack-log.ts';
import { SlackSockets } from './socket/slack-sockets.ts';

export interface SlackChannelDependencies {
  /** Where clicks are brought. */
  readonly desk: ClickDesk;
  readonly clock: { nowMs(): number };
  readonly log: SlackLog;
}

/**
 * Slack as a channel: cards as messages, clicks by signed calls or through Socket Mode. Reads the secrets' files
 * at once (`invalid_setting`), and calls nobody before it is asked to.
 */
export const slackChannel = (
  config: SlackConfig,
  { desk, clock, log }: SlackChannelDependencies,
): Channel & { readonly notifier: SlackNotifier } => {
  const workspaces = config.workspaces.map((workspace) => openWorkspace(workspace, config.apiUrl));
  const notifier = new SlackNotifier({
    channels: config.channels,
    workspaces: new Map(workspaces.map((workspace) => [workspace.teamId, workspace])),
    facts: new SlackFacts(clock),
    clock,
  });
  const answers = new PrivateAnswers(log);
  const submissions = new Submissions({ desk, answers, log });
  const modals = new Modals({
    desk,
    notifier: { objectionTo: (identity) => notifier.objectionTo(identity) },
    answers,
    log,
  });
  const interactions = new Interactions({ modals, submissions });
  const sockets = new SlackSockets({ workspaces, interactions, log, apiUrl: config.apiUrl });
  return {
    notifier,
    webhook: slackWebhook({ workspaces, interactions, clock }),
    start: () => sockets.start(),
    ready: () => sockets.ready(),
    stop: async () => {
      await sockets.stop();
      await Promise.all([submissions.settled(), answers.settled()]);
    },
  };
};
