import type { GrantEvent } from '@countersign/domain-grant';
import type { ReviewEvent } from '@countersign/domain-review';
import { minuteAt } from './real-facts.ts';

type MinuteOf = (time: string) => number;

/** A real event in the model's words; nothing for the opening, with which the model starts. */
export const reviewWord = (event: ReviewEvent, minuteOf: MinuteOf = minuteAt): readonly string[] => {
  switch (event.type) {
    case 'PolicyEvaluated':
    case 'ReviewOpened':
      return [];
    case 'DecisionRecorded':
      return [`${event.data.decision} ${event.data.approver}`];
    case 'ReviewEscalated':
      return ['escalated'];
    case 'ReviewApproved':
      return [`approved@${minuteOf(event.data.approvedAt)}`];
    case 'ReviewDenied':
      return ['denied'];
    case 'ReviewExpired':
      return ['expired'];
    case 'ReviewCancelled':
      return ['cancelled'];
    default:
      return event satisfies never;
  }
};

export const grantWord = (event: GrantEvent, minuteOf: MinuteOf = minuteAt): string => {
  switch (event.type) {
    case 'GrantOpened':
      return 'opened';
    case 'TokenIssued':
      return 'token';
    case 'GrantRedeemed':
      return `redeemed ${event.data.redemptionId}@${minuteOf(event.data.redeemedAt)}`;
    case 'GrantRevoked':
      return 'revoked';
    case 'GrantExpired':
      return 'expired';
    case 'ExecutionReported':
      return `reported ${event.data.status}`;
    case 'ExecutionUnreported':
      return 'unreported';
    default:
      return event satisfies never;
  }
};
