import { z } from 'zod';

const id = z.string().min(1).max(100);

/** Whose it is and where it came from. Slack adds members as it likes; only these are read. */
const sender = {
  user: z.object({ id, team_id: id.optional() }),
  /** Absent where the app is installed for a whole organisation, and nothing says which workspace it was. */
  team: z.object({ id }).nullish(),
  enterprise: z.object({ id }).nullish(),
};

const view = z.object({
  id,
  hash: id,
  private_metadata: z.string().max(3_000),
  callback_id: z.string().max(255),
  state: z.object({
    values: z.record(z.string(), z.record(z.string(), z.unknown())),
  }),
});

const action = z.object({ action_id: z.string().max(255), value: z.string().max(2_000).optional() });

const messageActions = z.object({
  type: z.literal('block_actions'),
  ...sender,
  trigger_id: z.string().min(1).max(500),
  container: z.object({ type: z.literal('message'), message_ts: id, channel_id: id }),
  actions: z.tuple([action]),
});

const viewActions = z.object({
  type: z.literal('block_actions'),
  ...sender,
  trigger_id: z.string().min(1).max(500),
  container: z.object({ type: z.literal('view'), view_id: id }),
  view,
  actions: z.tuple([action]),
});

const submission = z.object({ type: z.literal('view_submission'), ...sender, view });

const closed = z.object({ type: z.literal('view_closed'), ...sender });

/** What our cards and modals can send. */
export const interaction = z.union([messageActions, viewActions, submission, closed]);

export type Interaction = z.infer<typeof interaction>;
export type MessageActions = z.infer<typeof messageActions>;
export type ViewActions = z.infer<typeof viewActions>;
export type Submission = z.infer<typeof submission>;
export type Sender = Pick<Interaction, 'user' | 'team' | 'enterprise'>;

const filledText = z.object({ value: z.string().nullish() });
const chosenOption = z.object({ selected_option: z.object({ value: z.string() }).nullish() });

/** What was written into a field; undefined where nothing was. */
export const textIn = ({ state }: Submission['view'], field: string): string | undefined =>
  filledText.safeParse(state.values[field]?.[field]).data?.value ?? undefined;

export const choiceIn = ({ state }: Submission['view'], field: string): string | undefined =>
  chosenOption.safeParse(state.values[field]?.[field]).data?.selected_option?.value;
