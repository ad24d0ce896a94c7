import { NotifierError, type MessageRef } from '@countersign/notifier';

/** Where a message stands: workspace, channel, and Slack's `ts`. */
export interface MessagePlace {
  readonly team: string;
  readonly channel: string;
  readonly ts: string;
}

export const messageRef = ({ team, channel, ts }: MessagePlace): MessageRef => `${team}/${channel}/${ts}`;

export const parseMessageRef = (ref: MessageRef): MessagePlace => {
  const [team, channel, ts, ...rest] = ref.split('/');
  if (team === undefined || channel === undefined || ts === undefined || rest.length > 0) {
    throw new NotifierError('channel_refused', `"${ref}" names no message of Slack's.`);
  }
  return { team, channel, ts };
};
