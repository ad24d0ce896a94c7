import { BOT, type Command, type Scenario } from './scenario.ts';

const approve = (by: string): Command => ({ does: 'approve', by });
const deny = (by: string): Command => ({ does: 'deny', by });
const CANCEL: Command = { does: 'cancel' };
const KEEP_REVIEW: Command = { does: 'keep the review' };
const CLAIM: Command = { does: 'claim' };
const KEEP_GRANT: Command = { does: 'keep the grant' };
const redeem = (redemptionId: string): Command => ({ does: 'redeem', redemptionId });

/** Who may not, and the wrong action: refused wherever they ask. */
const REFUSED: readonly Command[] = [
  approve(BOT),
  approve('uma'),
  approve('dave'),
  approve('carol'),
  approve('frank'),
  { does: 'approve', by: 'alice', seen: 'another' },
];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a whole life: one approver, two redemption ids, revocation, cancellation, expiry and a lapse',
    requirements: [{ group: 'owners', quorum: 1 }],
    commands: [
      approve('alice'),
      deny('bob'),
      CANCEL,
      KEEP_REVIEW,
      CLAIM,
      redeem('a'),
      redeem('b'),
      { does: 'revoke', cause: 'revoked' },
      KEEP_GRANT,
      { does: 'report', status: 'succeeded' },
      { does: 'report', status: 'failed' },
    ],
    minutes: 4,
    lapses: true,
  },
  {
    name: 'two groups, and a person in both',
    requirements: [
      { group: 'owners', quorum: 1 },
      { group: 'platform', quorum: 1 },
    ],
    commands: [
      approve('alice'),
      approve('bob'),
      approve('erin'),
      deny('alice'),
      CANCEL,
      KEEP_REVIEW,
      KEEP_GRANT,
      ...REFUSED,
    ],
    minutes: 4,
    lapses: false,
  },
  {
    name: 'three of one group, filled up by another after its escalation',
    requirements: [{ group: 'owners', quorum: 3, escalatesTo: 'platform' }],
    commands: [
      approve('alice'),
      approve('bob'),
      approve('erin'),
      deny('erin'),
      KEEP_REVIEW,
      CLAIM,
      KEEP_GRANT,
      ...REFUSED,
    ],
    minutes: 4,
    lapses: false,
  },
  {
    name: 'so much contention that a replica gives up',
    requirements: [{ group: 'owners', quorum: 2 }],
    commands: [approve('alice'), approve('bob'), deny('bob'), CANCEL, KEEP_REVIEW, KEEP_GRANT],
    minutes: 4,
    lapses: false,
    redecisions: 0,
  },
];
