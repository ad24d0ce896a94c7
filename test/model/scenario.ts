/** One group that has to give so many seats; once escalated, persons of another may take them too. */
export interface Requirement {
  readonly group: string;
  readonly quorum: number;
  readonly escalatesTo?: string;
}

/** What somebody may ask for, or a replica do by itself. */
export type Command =
  | {
      readonly does: 'approve' | 'deny';
      readonly by: string;
      /** Having seen another action. */
      readonly seen?: 'another';
    }
  | { readonly does: 'cancel' | 'keep the review' | 'keep the grant' }
  | { readonly does: 'claim' }
  | { readonly does: 'revoke'; readonly cause: 'revoked' | 'cancelled' }
  | { readonly does: 'redeem'; readonly redemptionId: string }
  | { readonly does: 'report'; readonly status: 'succeeded' | 'failed' };

export interface Scenario {
  readonly name: string;
  readonly requirements: readonly Requirement[];
  readonly commands: readonly Command[];
  /** The clock ticks this often. */
  readonly minutes: number;
  /** Whether policy may come to forbid what was approved. */
  readonly lapses: boolean;
  /** How often a decision is made again after a conflict; absent: more often than conflicts can come. */
  readonly redecisions?: number;
}

/** Who is who, in every scenario. The bot asks; carol owns it, dave started it; uma is suspended; frank is in no group. */
export const BOT = 'etl-bot';
export const OWNER = 'carol';
export const INITIATOR = 'dave';
export const SUSPENDED = 'uma';
export const PERSONS = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'uma'] as const;
export const GROUPS: Readonly<Record<string, readonly string[]>> = {
  owners: ['alice', 'bob', 'carol', 'dave', 'uma'],
  platform: ['bob', 'carol', 'dave', 'erin'],
};

/** In minutes after the request. */
export const ESCALATES_AT = 1;
export const REVIEW_ENDS_AT = 2;
/** In minutes after the approval. */
export const GRANT_LIVES = 2;
export const DAY = 1_440;

export const nameOf = (command: Command): string => Object.values(command).join(' ');
