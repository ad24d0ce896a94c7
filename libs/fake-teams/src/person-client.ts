import { z } from 'zod';
import { actionSchema, cardSchema, objectionToCard, type ShownAction, type ShownCard } from './card-rules.ts';
import type { PostedMessage } from './conversations.ts';

const answerSchema = z.discriminatedUnion('type', [
  z.strictObject({
    statusCode: z.literal(200),
    type: z.literal('application/vnd.microsoft.card.adaptive'),
    value: z.unknown(),
  }),
  z.strictObject({
    statusCode: z.literal(200),
    type: z.literal('application/vnd.microsoft.activity.message'),
    value: z.string(),
  }),
  z.strictObject({
    statusCode: z.union([z.literal(400), z.literal(500)]),
    type: z.literal('application/vnd.microsoft.error'),
    value: z.strictObject({ code: z.string(), message: z.string() }),
  }),
]);

/** What a person sees after a click: a card of their own, a sentence, or that it failed. */
export type Shown =
  | { readonly kind: 'card'; readonly card: ShownCard }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'failure'; readonly text: string };

const SOMETHING_WENT_WRONG = 'Something went wrong. Please try again.';

/** What Teams shows of a bot's answer to `adaptiveCard/action`, to the person who clicked and to nobody else. */
export const shownOf = (status: number, body: string): Shown => {
  if (status !== 200) return { kind: 'failure', text: SOMETHING_WENT_WRONG };
  const answer = answerSchema.parse(JSON.parse(body));
  if (answer.type === 'application/vnd.microsoft.activity.message')
    return { kind: 'message', text: answer.value };
  if (answer.type === 'application/vnd.microsoft.error')
    return { kind: 'failure', text: answer.value.message };
  const objection = objectionToCard(answer.value);
  if (objection !== undefined) throw new Error(`Teams would not show this card. ${objection}`);
  return { kind: 'card', card: cardSchema.parse(answer.value) };
};

const actionSetSchema = z.looseObject({ type: z.literal('ActionSet'), actions: z.array(actionSchema) });
const containerSchema = z.looseObject({ type: z.literal('Container'), items: z.array(z.unknown()) });

const isHeardOf = (action: z.infer<typeof actionSchema>): action is ShownAction =>
  action.type === 'Action.Execute';

const actionsIn = (element: unknown): readonly ShownAction[] => {
  const set = actionSetSchema.safeParse(element);
  if (set.success) return set.data.actions.filter(isHeardOf);
  return containerSchema.safeParse(element).data?.items.flatMap(actionsIn) ?? [];
};

const actionsOf = ({ body, actions = [] }: ShownCard): readonly ShownAction[] => [
  ...body.flatMap(actionsIn),
  ...actions.filter(isHeardOf),
];

const inputSchema = z.looseObject({
  type: z.literal('Input.Text'),
  id: z.string(),
  isRequired: z.boolean().default(false),
  maxLength: z.int().optional(),
});

const inputsOf = (element: unknown): readonly z.infer<typeof inputSchema>[] => {
  const input = inputSchema.safeParse(element);
  if (input.success) return [input.data];
  return containerSchema.safeParse(element).data?.items.flatMap(inputsOf) ?? [];
};

/**
 * What a button sends with what was typed. Throws where the button isn't on the card, or where the client wouldn't
 * send: a required input is empty, or one is too long.
 */
export const sentBy = (
  card: ShownCard,
  { verb, data }: { readonly verb: string; readonly data: Readonly<Record<string, unknown>> },
  typed: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> => {
  const action = actionsOf(card).find(
    (one) => one.verb === verb && Object.entries(data).every(([name, value]) => one.data?.[name] === value),
  );
  if (action === undefined) throw new Error(`The card has no button for ${verb}.`);
  if (action.associatedInputs === 'none') return action.data ?? {};
  const inputs = card.body.flatMap(inputsOf);
  for (const { id, isRequired, maxLength = Infinity } of inputs) {
    const value = typed[id] ?? '';
    if (isRequired && value === '') throw new Error(`The client asks for ${id} first.`);
    if (value.length > maxLength) throw new Error(`The client takes no more than ${maxLength} of ${id}.`);
  }
  return { ...action.data, ...Object.fromEntries(inputs.map(({ id }) => [id, typed[id] ?? ''])) };
};

/** The card that somebody sees in a message: their own view of it, else everybody's. */
export const seenCard = (message: PostedMessage, sharedCard: unknown, viewer: string): ShownCard =>
  cardSchema.parse(message.ownViews.get(viewer) ?? sharedCard);
