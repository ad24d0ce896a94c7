export { teamsChannel, type TeamsSurroundings } from './teams-channel.ts';
export { teamsConfig, type TeamsConfig, type TeamsConversation } from './teams-config.ts';
export { fromLiteral } from './card/literal-text.ts';
export { messageCard, pointerCard } from './card/message-card.ts';
export { pageCard } from './card/page-card.ts';
export type { AdaptiveCard } from './card/card-elements.ts';
export type { TeamsLog } from './teams-log.ts';
