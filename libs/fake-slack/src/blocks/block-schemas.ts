import { z } from 'zod';
import { anyText, identifier, plainText, richText } from './text-schemas.ts';

const confirm = z.strictObject({
  title: plainText(100),
  text: plainText(300),
  confirm: plainText(30),
  deny: plainText(30),
  style: z.enum(['primary', 'danger']).optional(),
});

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: identifier.optional(),
  value: z.string().max(2_000).optional(),
  url: z.string().max(3_000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
  accessibility_label: z.string().max(75).optional(),
});

const option = z.strictObject({
  text: plainText(75),
  value: z.string().min(1).max(150),
  description: plainText(75).optional(),
});

const radioButtons = z.strictObject({
  type: z.literal('radio_buttons'),
  action_id: identifier.optional(),
  options: z.array(option).min(1).max(10),
  initial_option: option.optional(),
  focus_on_load: z.boolean().optional(),
});

const plainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  action_id: identifier.optional(),
  multiline: z.boolean().optional(),
  min_length: z.int().min(0).max(3_000).optional(),
  max_length: z.int().min(1).max(3_000).optional(),
  placeholder: plainText(150).optional(),
  initial_value: z.string().max(3_000).optional(),
  focus_on_load: z.boolean().optional(),
});

const blockId = { block_id: identifier.optional() };

const header = z.strictObject({ type: z.literal('header'), text: plainText(150), ...blockId });

const divider = z.strictObject({ type: z.literal('divider'), ...blockId });

const context = z.strictObject({
  type: z.literal('context'),
  elements: z.array(anyText(2_000)).min(1).max(10),
  ...blockId,
});

const actions = z.strictObject({
  type: z.literal('actions'),
  elements: z
    .array(z.discriminatedUnion('type', [button, radioButtons]))
    .min(1)
    .max(25),
  ...blockId,
});

const section = z
  .strictObject({
    type: z.literal('section'),
    text: anyText(3_000).optional(),
    fields: z.array(anyText(2_000)).min(1).max(10).optional(),
    accessory: button.optional(),
    expand: z.boolean().optional(),
    ...blockId,
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'must have text or fields');

const input = z.strictObject({
  type: z.literal('input'),
  label: plainText(2_000),
  element: z.discriminatedUnion('type', [plainTextInput, radioButtons]),
  dispatch_action: z.boolean().optional(),
  hint: plainText(2_000).optional(),
  optional: z.boolean().optional(),
  ...blockId,
});

/** Of Slack's blocks those that this fake knows; any other is refused as Slack refuses what it doesn't know. */
export const messageBlock = z.discriminatedUnion('type', [
  header,
  divider,
  context,
  actions,
  section,
  richText,
  input,
]);

export const modalView = z.strictObject({
  type: z.literal('modal'),
  title: plainText(24),
  blocks: z.array(messageBlock).max(100),
  submit: plainText(24).optional(),
  close: plainText(24).optional(),
  private_metadata: z.string().max(3_000).optional(),
  callback_id: identifier.optional(),
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
  external_id: identifier.optional(),
});
