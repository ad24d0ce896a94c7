export type {
  CardClaim,
  CardDecision,
  CardOutcome,
  CardRequirement,
  ReviewCard,
} from './card/review-card.ts';
export { buildReviewCard, cardVersionOf, type CardSurroundings } from './card/build-review-card.ts';
export {
  channelKind,
  NotifierError,
  type CallPurpose,
  type CardDelivery,
  type GatheredDelivery,
  type MessageRef,
  type Notifier,
  type NotifierErrorCode,
  type Pace,
} from './notifier.ts';
export {
  deliveryEvents,
  type DeliveryEvent,
  type Gathering,
  type NotificationAttempted,
  type NotificationFailed,
  type NotificationPosted,
  type NotificationReminded,
  type NotificationUpdated,
} from './delivery/delivery-events.ts';
export {
  foldDelivery,
  gatheringOf,
  UNATTEMPTED,
  type ChannelDelivery,
  type Delivery,
} from './delivery/delivery.ts';
export {
  attemptDone,
  attemptFailed,
  claimedIn,
  claimEnd,
  claimOf,
  dueAttempt,
  LONGEST_REST_MS,
  type Failure,
} from './delivery/decide-delivery.ts';
export { askedChannels, hasNext, reachedNobody, type Routes } from './delivery/asked-channels.ts';
export { dueReminder, type ReminderTerms } from './delivery/due-reminder.ts';
export type { Channel, WebhookReply, WebhookRequest, WebhookStatus } from './channel/channel.ts';
export type { Click, ClickDesk, ClickOutcome, OpenedSheet, ReceivedClick } from './interaction/click.ts';
export {
  interactionEvents,
  type InteractionAnswered,
  type InteractionEvent,
  type InteractionReceived,
} from './interaction/interaction-events.ts';
export { buildReviewSheet, withoutRepeatNotice } from './sheet/build-review-sheet.ts';
export { timeLeft } from './sheet/duration-text.ts';
export type {
  Hidden,
  ReviewSheet,
  RowPart,
  SheetDeadline,
  SheetOrigin,
  SheetRow,
  SheetSection,
} from './sheet/review-sheet.ts';
export type { SheetBudget } from './sheet/budget.ts';
export { abridge, type AbridgedSheet } from './sheet/abridge.ts';
export { paginate, type SheetPage } from './sheet/paginate.ts';
