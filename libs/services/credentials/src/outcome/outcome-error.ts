import type { ReportRefusal } from '@countersign/domain-grant';
import { CodedError } from '@countersign/kernel';

const ANSWERS: Readonly<Record<ReportRefusal, readonly [code: string, message: string]>> = {
  not_redeemed: ['not_redeemed', 'The grant was not redeemed, so nothing can have come of it.'],
  not_redeemer: ['wrong_executor', 'Only the principal that redeemed the grant tells what came of it.'],
  already_reported: ['already_reported', 'Another outcome was reported; a report is not taken back.'],
};

export const outcomeError = (refusal: ReportRefusal): CodedError => {
  const [code, message] = ANSWERS[refusal];
  return new CodedError(code, message);
};
