export { slackConfig, type SlackConfig } from './config/slack-config.ts';
export type { SlackNotifier } from './notify/slack-notifier.ts';
export { slackChannel, type SlackChannelDependencies } from './slack-channel.ts';
export type { SlackLog } from './slack-log.ts';
export { cardMessage, type MessageContent } from './render/card-message.ts';
export { pagesOf, pageView } from './render/views.ts';
