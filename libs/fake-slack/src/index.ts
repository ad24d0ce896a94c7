export { METHOD_NAMES, type ApiCall } from './api-server.ts';
export { checkBlocks, checkView } from './blocks/check-blocks.ts';
export type { Fault, FaultOrder } from './fault-orders.ts';
export { FakeSlack, type FakeSlackOptions } from './fake-slack.ts';
export type { AppReply } from './interactions/app-reply.ts';
export type { Interactivity } from './interactions/deliver.ts';
export type { SignedCall } from './interactions/signed-call.ts';
export type { Filled } from './interactions/view-values.ts';
export type { SlackClock } from './slack-clock.ts';
export type { SlackWorld } from './slack-state.ts';
export type {
  Block,
  FakeChannel,
  FakeEphemeral,
  FakeMessage,
  FakeMetadata,
  FakeTeam,
  FakeUser,
  FakeView,
  UserKind,
  ViewPayload,
} from './world.ts';
