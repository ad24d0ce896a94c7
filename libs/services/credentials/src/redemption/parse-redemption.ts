import { claimedActionDigest, type ActionDigest } from '@countersign/domain-action';
import { hasCode, isJsonObject, type Json } from '@countersign/kernel';
import { parseBySchema } from '@countersign/service-host';
import { z } from 'zod';

/** What a redeemer sent: its token, and the digest of the action that it is about to run. */
export interface Redemption {
  readonly token: string;
  readonly digest: ActionDigest;
  readonly redemptionId: string | undefined;
}

/** The four parts are whatever was sent: what isn't the approved action is a mismatch, not a complaint. */
const envelope = z.strictObject({
  token: z.string().min(1).max(16_384),
  subject: z.json().optional(),
  action: z.json().optional(),
  resource: z.json().optional(),
  context: z.json().optional(),
  redemptionId: z.string().min(1).max(200).optional(),
});

/** No action's digest. */
const NONE: ActionDigest = '';

/** An action larger than any that is accepted can't be the approved one. */
const digestOf = (claimed: Json): ActionDigest => {
  if (!isJsonObject(claimed)) return NONE;
  try {
    return claimedActionDigest(claimed);
  } catch (error) {
    if (hasCode(error, 'too_large')) return NONE;
    throw error;
  }
};

/** From strictly parsed JSON; the digest is of exactly those bytes' values, nothing added or taken away. */
export const parseRedemption = (body: Json): Redemption => {
  const { token, redemptionId } = parseBySchema(envelope, body);
  return { token, redemptionId, digest: digestOf(body) };
};
