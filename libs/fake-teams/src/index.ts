export { FakeTeams, type Click, type Delivered, type FakeTeamsOptions } from './fake-teams.ts';
export {
  cardAction,
  installation,
  membersAdded,
  taskInvoke,
  textMessage,
  type ActivityFrame,
} from './activities.ts';
export { BotTokens, type TokenChanges, type TokenKeyName } from './bot-tokens.ts';
export type { AccessTokens } from './access-tokens.ts';
export type { ClientCredentials } from './client-credentials.ts';
export type { Graph } from './graph.ts';
export { selfSigned, type TestCertificate } from './self-signed.ts';
export {
  CARD_LIMIT,
  MESSAGE_LIMIT,
  objectionToActivity,
  objectionToCard,
  type ShownCard,
} from './card-rules.ts';
export type {
  Conversations,
  FakeConversation,
  FakePerson,
  PostedMessage,
  Scope,
  Sender,
} from './conversations.ts';
export { TEAMS_RATES, type Fault, type Faults, type Rate } from './faults.ts';
export { shownOf, type Shown } from './person-client.ts';
