import { z } from 'zod';

const id = z.string().min(1).max(1_000);

/** What every activity must say before anything is done with it. */
const activitySchema = z.looseObject({
  type: z.string().min(1).max(100),
  id,
  channelId: z.literal('msteams'),
  serviceUrl: z.string().min(1).max(1_000),
  conversation: z.looseObject({
    id,
    tenantId: z.string().min(1).max(100),
    conversationType: z.enum(['personal', 'groupChat', 'channel']),
  }),
  from: z.looseObject({ id, aadObjectId: z.uuid().optional() }),
  channelData: z.looseObject({
    tenant: z.looseObject({ id: z.string().min(1).max(100) }),
    team: z
      .looseObject({ id: z.string().max(1_000), aadGroupId: z.string().max(1_000).nullish() })
      .optional(),
  }),
  name: z.string().max(100).optional(),
  replyToId: id.optional(),
  value: z.unknown().optional(),
});

/** An activity of Teams' as we read it. Of what it says, only a verified one counts. */
export type TeamsActivity = z.infer<typeof activitySchema>;

export interface ReceivedActivity {
  readonly activity: TeamsActivity;
  /** For the library, which verifies it. */
  readonly raw: Record<string, unknown>;
}

/** Undefined for what isn't understood. */
export const readActivity = (rawBody: Buffer): ReceivedActivity | undefined => {
  try {
    const raw = z.record(z.string(), z.unknown()).parse(JSON.parse(rawBody.toString('utf8')));
    return { activity: activitySchema.parse(raw), raw };
  } catch {
    return undefined;
  }
};
