import { z } from 'zod';
import { markOf } from '../card/posted-mark.ts';

/** What is read of a `chatMessage`; one that isn't like this is none of ours. */
const messageSchema = z.looseObject({
  id: z.string().min(1),
  createdDateTime: z.iso.datetime({ offset: true }),
  deletedDateTime: z.string().nullish(),
  from: z.looseObject({
    application: z.looseObject({ id: z.string() }),
    user: z.null().optional(),
  }),
  attachments: z.tuple([z.looseObject({ content: z.string() })]),
});

export interface OwnCard {
  readonly messageId: string;
  readonly mark: string;
}

/** A message that this app posted and that still stands, with the mark of its card; undefined for any other. */
export const ownCardOf = (item: unknown, appId: string): OwnCard | undefined => {
  const message = messageSchema.safeParse(item).data;
  if (message === undefined || message.deletedDateTime) return undefined;
  if (message.from.application.id.toLowerCase() !== appId.toLowerCase()) return undefined;
  const mark = markOf(message.attachments[0].content);
  return mark === undefined ? undefined : { messageId: message.id, mark };
};

const createdSchema = z.looseObject({ createdDateTime: z.iso.datetime({ offset: true }) });

/** Milliseconds since 1970; undefined where it doesn't say. */
export const createdMsOf = (item: unknown): number | undefined => {
  const created = createdSchema.safeParse(item).data?.createdDateTime;
  return created === undefined ? undefined : Date.parse(created);
};
