import { NotifierError, type MessageRef } from '@countersign/notifier';

/** Where a message stands. */
export interface TeamsMessage {
  readonly tenant: string;
  readonly serviceUrl: string;
  readonly conversation: string;
  readonly activity: string;
}

export const messageRef = ({ tenant, serviceUrl, conversation, activity }: TeamsMessage): MessageRef =>
  [tenant, serviceUrl, conversation, activity].map(encodeURIComponent).join('|');

/** The inverse; `channel_refused` for what is no reference of ours. */
export const parseMessageRef = (ref: MessageRef): TeamsMessage => {
  const [tenant, serviceUrl, conversation, activity, ...others] = ref.split('|').map(decodeURIComponent);
  if (!tenant || !serviceUrl || !conversation || !activity || others.length > 0)
    throw new NotifierError('channel_refused', 'The message is named in a way that Teams has none.');
  return { tenant, serviceUrl, conversation, activity };
};
