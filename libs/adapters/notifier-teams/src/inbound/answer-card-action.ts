import type { ChannelIdentity } from '@countersign/domain-directory';
import { isBlank } from '@countersign/kernel';
import type { ClickDesk, ClickOutcome, WebhookReply } from '@countersign/notifier';
import { z } from 'zod';
import { REASON_LIMIT } from '../card/card-actions.ts';
import { copyCard } from '../card/copy-card.ts';
import { pageCard } from '../card/page-card.ts';
import { cardActionSchema, type CardAction, type DecideAction, type PageAction } from '../card/pointer.ts';
import type { KeptMessages } from '../kept-messages.ts';
import { messageRef, type TeamsMessage } from '../message-ref.ts';
import { asFolder, type TeamsConfig } from '../teams-config.ts';
import type { TeamsActivity } from './activity.ts';
import { privateCard, privateError, privateMessage } from './invoke-answer.ts';

export interface CardActionContext {
  readonly desk: ClickDesk;
  readonly conversations: TeamsConfig['conversations'];
  readonly kept: KeptMessages;
  /** Milliseconds that a decision is waited for before it is said that it is on its way. */
  readonly answerWithinMs: number;
}

const invokeSchema = z.looseObject({
  action: z.looseObject({ type: z.literal('Action.Execute'), verb: z.string(), data: z.unknown() }),
});

const NOT_UNDERSTOOD = privateError('not_understood', 'This card is of no kind that Countersign knows.');

/** By verified tenant and Entra object id alone: names and addresses can be chosen. */
const identityOf = ({ from, conversation }: TeamsActivity): ChannelIdentity | undefined =>
  from.aadObjectId === undefined
    ? undefined
    : { channel: 'teams', tenant: conversation.tenantId, user: from.aadObjectId };

const actionOf = (value: unknown): CardAction | undefined => {
  const invoke = invokeSchema.safeParse(value);
  return invoke.success ? cardActionSchema.safeParse(invoke.data.action).data : undefined;
};

/** A click on a card of ours, from a verified activity. */
export const answerCardAction = async (
  context: CardActionContext,
  activity: TeamsActivity,
): Promise<WebhookReply> => {
  const identity = identityOf(activity);
  if (identity === undefined) return { status: 403 };
  const action = actionOf(activity.value);
  if (action === undefined || activity.replyToId === undefined) return NOT_UNDERSTOOD;
  return action.verb === 'page'
    ? openPage(context.desk, identity, action)
    : decide(context, identity, action, { ...activity, replyToId: activity.replyToId });
};

const openPage = async (
  desk: ClickDesk,
  identity: ChannelIdentity,
  { data }: PageAction,
): Promise<WebhookReply> => {
  const opened = await desk.open(data.request, identity);
  if (opened.kind === 'refused') return privateMessage(opened.message);
  return privateCard(pageCard(opened.sheet, { number: data.page, version: data.version }));
};

const decide = async (
  { desk, conversations, kept, answerWithinMs }: CardActionContext,
  identity: ChannelIdentity,
  { verb, data }: DecideAction,
  activity: TeamsActivity & { readonly replyToId: string },
): Promise<WebhookReply> => {
  const reason = data.reason?.trim() ?? '';
  if (isBlank(reason)) return privateError('reason_missing', 'Give a reason.');
  if (Array.from(reason).length > REASON_LIMIT)
    return privateError('reason_too_long', `Give a reason of at most ${REASON_LIMIT} characters.`);
  const message = clickedMessage(conversations, activity);
  const { outcome } = await desk.receive({
    identity,
    clickId: activity.id,
    requestId: data.request,
    digest: data.digest,
    cardVersion: data.version,
    message: messageRef(message),
    decision: verb,
    reason,
    sawWhole: data.whole,
  });
  const { message: told } = await Promise.race([outcome, onItsWay(answerWithinMs)]);
  // For who clicked alone: which message it was is the client's word, and must change nothing that others see.
  return kept.isCopy({ ...message, requestId: data.request }, message.activity)
    ? privateCard(copyCard(told))
    : privateMessage(told);
};

/** The message as `post` named it: Teams may name another service URL for the same conversation later. */
const clickedMessage = (
  conversations: TeamsConfig['conversations'],
  { serviceUrl, conversation, replyToId }: TeamsActivity & { readonly replyToId: string },
): TeamsMessage => {
  const [id = conversation.id] = conversation.id.split(';', 1);
  const tenant = conversation.tenantId;
  const configured = Object.values(conversations).find(
    (one) => one.tenant === tenant && one.scope !== 'personal' && one.conversation === id,
  );
  return {
    tenant,
    serviceUrl: configured?.serviceUrl ?? asFolder(serviceUrl),
    conversation: id,
    activity: replyToId,
  };
};

const onItsWay = (ms: number): Promise<ClickOutcome> =>
  new Promise((resolve) =>
    setTimeout(
      () => resolve({ kind: 'waiting', message: 'It is recorded. The card will show what came of it.' }),
      ms,
    ).unref(),
  );
