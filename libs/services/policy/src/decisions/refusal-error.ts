import type { DecisionRefusal } from '@countersign/domain-review';
import { CodedError } from '@countersign/kernel';

type RefusalCode =
  'not_human' | 'self_approval' | 'not_eligible' | 'digest_mismatch' | 'already_decided' | 'review_closed';

const ANSWERS: Readonly<Record<DecisionRefusal, readonly [RefusalCode, string]>> = {
  not_human: ['not_human', 'Only a person decides; agents, pipelines and services may ask.'],
  not_verified: ['not_eligible', 'You are suspended in the directory and decide nothing.'],
  is_initiator: ['self_approval', 'You started this request, so somebody else decides it.'],
  is_owner: ['self_approval', 'The requester is yours, so somebody else decides this.'],
  not_in_group: ['not_eligible', 'You are in none of the groups that decide this.'],
  wrong_channel: ['not_eligible', 'Policy takes no decision on this from here; the request says where.'],
  digest_mismatch: ['digest_mismatch', 'This is not the action that is under review; look at it again.'],
  already_decided: ['already_decided', 'You have decided this otherwise; a decision is not taken back.'],
  review_closed: ['review_closed', 'The review has ended.'],
  too_late: ['review_closed', 'The deadline of the review has passed.'],
};

/** The API's code of a refusal; the precise one stands in `reason`, and on `reviewattempt-<id>`. */
export const refusalError = (refusal: DecisionRefusal): CodedError<RefusalCode> => {
  const [code, message] = ANSWERS[refusal];
  return new CodedError(code, message, {
    ...(refusal === 'digest_mismatch' ? { field: 'digest' } : {}),
    members: { reason: refusal },
  });
};
