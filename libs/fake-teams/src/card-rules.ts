import { z } from 'zod';

/** Bytes of one card, and of one message. */
export const CARD_LIMIT = 28_672;
export const MESSAGE_LIMIT = 102_400;

const common = {
  id: z.string().optional(),
  spacing: z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']).optional(),
  separator: z.boolean().optional(),
  isVisible: z.boolean().optional(),
};

const text = {
  text: z.string(),
  color: z.enum(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention']).optional(),
  fontType: z.enum(['Default', 'Monospace']).optional(),
  isSubtle: z.boolean().optional(),
  size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']).optional(),
  weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
};

const textRun = z.strictObject({ type: z.literal('TextRun'), ...text });

const element: z.ZodType = z.lazy(() =>
  z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('TextBlock'),
      ...common,
      ...text,
      wrap: z.boolean().optional(),
      maxLines: z.int().optional(),
    }),
    z.strictObject({ type: z.literal('RichTextBlock'), ...common, inlines: z.array(textRun).min(1) }),
    z.strictObject({
      type: z.literal('Container'),
      ...common,
      items: z.array(element),
      style: z.enum(['default', 'emphasis', 'good', 'attention', 'warning', 'accent']).optional(),
      bleed: z.boolean().optional(),
    }),
    z.strictObject({
      type: z.literal('Input.Text'),
      ...common,
      id: z.string(),
      label: z.string().optional(),
      placeholder: z.string().optional(),
      value: z.string().optional(),
      isMultiline: z.boolean().optional(),
      maxLength: z.int().optional(),
      isRequired: z.boolean().optional(),
      errorMessage: z.string().optional(),
    }),
    z.strictObject({ type: z.literal('ActionSet'), ...common, actions: z.array(actionSchema).max(6) }),
  ]),
);

export const executeSchema = z.strictObject({
  type: z.literal('Action.Execute'),
  id: z.string().optional(),
  title: z.string(),
  verb: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
  style: z.enum(['default', 'positive', 'destructive']).optional(),
  associatedInputs: z.enum(['auto', 'none']).optional(),
});

const openUrlSchema = z.strictObject({
  type: z.literal('Action.OpenUrl'),
  id: z.string().optional(),
  title: z.string(),
  url: z.url({ protocol: /^https?$/ }),
});

export const actionSchema = z.discriminatedUnion('type', [executeSchema, openUrlSchema]);

/** No later version than 1.5 shows in Teams, and no more than six actions. */
export const cardSchema = z.strictObject({
  type: z.literal('AdaptiveCard'),
  $schema: z.string().optional(),
  version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4', '1.5']),
  body: z.array(element),
  actions: z.array(actionSchema).max(6).optional(),
  msteams: z.strictObject({ width: z.literal('Full') }).optional(),
});

export type ShownCard = z.infer<typeof cardSchema>;
/** One that the bot hears of. */
export type ShownAction = z.infer<typeof executeSchema>;

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/**
 * Why Teams wouldn't take a card, or wouldn't show all of it; undefined where it would. Stricter than Teams where
 * that drops in silence what it doesn't know: a member or an element that isn't named above is a mistake.
 */
export const objectionToCard = (card: unknown): string | undefined => {
  if (bytes(card) > CARD_LIMIT) return 'The card is too large.';
  const parsed = cardSchema.safeParse(card);
  return parsed.success ? undefined : z.prettifyError(parsed.error);
};

const attachment = z.looseObject({
  contentType: z.literal('application/vnd.microsoft.card.adaptive'),
  content: z.unknown(),
});

const activityShape = z.looseObject({
  type: z.literal('message'),
  attachments: z.array(attachment).max(1).default([]),
});

/** The card of a message that a bot sends; undefined for one without. */
export const cardOf = (activity: unknown): unknown =>
  activityShape.safeParse(activity).data?.attachments[0]?.content;

export type ActivityRefusal = { readonly status: 400 | 413; readonly code: string; readonly message: string };

/** How the connector refuses a message; undefined where it takes it. */
export const objectionToActivity = (activity: unknown): ActivityRefusal | undefined => {
  if (bytes(activity) > MESSAGE_LIMIT)
    return { status: 413, code: 'MessageSizeTooBig', message: 'Message size too large.' };
  const parsed = activityShape.safeParse(activity);
  if (!parsed.success) return { status: 400, code: 'BadSyntax', message: z.prettifyError(parsed.error) };
  const card = parsed.data.attachments[0]?.content;
  if (card === undefined) return undefined;
  if (bytes(card) > CARD_LIMIT)
    return { status: 413, code: 'MessageSizeTooBig', message: 'Message size too large.' };
  const objection = objectionToCard(card);
  return objection === undefined ? undefined : { status: 400, code: 'BadSyntax', message: objection };
};
