import { z } from 'zod';

/** A text object that may only be plain; `emoji: false` keeps `:tada:` as it is written. */
export const plainText = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });

export const anyText = (max: number) => z.discriminatedUnion('type', [plainText(max), mrkdwn(max)]);

export const identifier = z.string().min(1).max(255);

const textStyle = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  underline: z.boolean().optional(),
  code: z.boolean().optional(),
});

/** As `@slack/types` has them; what a message of ours could hold, and what it must not (`link`, `user`, `broadcast`). */
const richElements = [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style: textStyle.optional() }),
  z.strictObject({
    type: z.literal('link'),
    url: z.string().min(1),
    text: z.string().optional(),
    unsafe: z.boolean().optional(),
    style: textStyle.optional(),
  }),
  z.strictObject({ type: z.literal('emoji'), name: z.string().min(1), unicode: z.string().optional() }),
  z.strictObject({ type: z.literal('user'), user_id: z.string().min(1), style: textStyle.optional() }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string().min(1), style: textStyle.optional() }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string().min(1) }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']) }),
] as const;

const date = z.strictObject({
  type: z.literal('date'),
  timestamp: z.int(),
  format: z.string().min(1),
  url: z.string().optional(),
  fallback: z.string().optional(),
  style: textStyle.optional(),
});

const richElement = z.discriminatedUnion('type', [...richElements, date]);

const richSection = z.strictObject({
  type: z.literal('rich_text_section'),
  elements: z.array(richElement),
});

export const richText = z.strictObject({
  type: z.literal('rich_text'),
  block_id: identifier.optional(),
  elements: z
    .array(
      z.discriminatedUnion('type', [
        richSection,
        z.strictObject({
          type: z.literal('rich_text_preformatted'),
          // Slack takes no date there.
          elements: z.array(z.discriminatedUnion('type', richElements)),
          border: z.union([z.literal(0), z.literal(1)]).optional(),
        }),
        z.strictObject({
          type: z.literal('rich_text_quote'),
          elements: z.array(richElement),
          border: z.union([z.literal(0), z.literal(1)]).optional(),
        }),
        z.strictObject({
          type: z.literal('rich_text_list'),
          style: z.enum(['bullet', 'ordered']),
          elements: z.array(richSection),
          indent: z.int().min(0).max(8).optional(),
          offset: z.int().min(0).optional(),
          border: z.union([z.literal(0), z.literal(1)]).optional(),
        }),
      ]),
    )
    .min(1),
});
