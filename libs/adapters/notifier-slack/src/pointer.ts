import { z } from 'zod';

const pointer = {
  /** Request id. */
  r: z.string().min(1).max(200),
  /** Digest of the action that is shown. */
  d: z.string().min(1).max(100),
  /** Version of the card that is shown. */
  v: z.int().min(1),
};

/** What a button carries: which card it stands on. No authority. */
export const buttonPointer = z.strictObject(pointer);
export type ButtonPointer = z.infer<typeof buttonPointer>;

/** What a modal carries besides: the message it was opened from, and what it is for. */
export const viewPointer = z.strictObject({
  ...pointer,
  /** A `MessageRef`. */
  m: z
    .string()
    .max(200)
    .regex(/^[^/]+\/[^/]+\/[^/]+$/),
  /** The button that was pressed on the message, or the pages being read. */
  k: z.enum(['approve', 'deny', 'read']),
  /** The page it shows, from 1; a decision is offered on the last one alone. */
  p: z.int().min(1),
});
export type ViewPointer = z.infer<typeof viewPointer>;

/** Undefined for whatever isn't ours. */
export const parsePointer = <Pointer>(schema: z.ZodType<Pointer>, text: unknown): Pointer | undefined => {
  if (typeof text !== 'string') return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

export const pointerTo = ({
  requestId: r,
  digest: d,
  version: v,
}: {
  readonly requestId: string;
  readonly digest: string;
  readonly version: number;
}): ButtonPointer => ({ r, d, v });

export const ACTIONS = {
  approve: 'countersign_approve',
  deny: 'countersign_deny',
  read: 'countersign_read',
  previous: 'countersign_previous',
  next: 'countersign_next',
  /** Leads out of Slack, which tells us that it was pressed all the same. */
  link: 'countersign_link',
} as const;

/** Names of blocks and fields in modals. */
export const FIELDS = { reason: 'reason', decision: 'decision' } as const;

export const DECIDE = 'countersign_decide';
