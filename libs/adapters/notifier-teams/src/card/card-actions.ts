import type { ReviewSheet } from '@countersign/notifier';
import type { ExecuteAction, OpenUrlAction, ReasonInput } from './card-elements.ts';
import { pointerTo } from './pointer.ts';

/** Unicode code points, as the API takes them; the client counts UTF-16 units, which are no fewer. */
export const REASON_LIMIT = 2_000;

export const reasonInput: ReasonInput = {
  type: 'Input.Text',
  id: 'reason',
  label: 'Reason, for approval and for denial',
  isMultiline: true,
  maxLength: REASON_LIMIT,
  isRequired: true,
  errorMessage: 'Give a reason.',
};

/** Offered only where all of the sheet has been shown. */
export const decideActions = (sheet: ReviewSheet): readonly ExecuteAction[] => [
  decide(sheet, 'approve', 'Approve', 'positive'),
  decide(sheet, 'deny', 'Deny', 'destructive'),
];

const decide = (
  sheet: ReviewSheet,
  verb: string,
  title: string,
  style: 'positive' | 'destructive',
): ExecuteAction => ({
  type: 'Action.Execute',
  title,
  verb,
  data: { ...pointerTo(sheet), whole: true },
  style,
  associatedInputs: 'auto',
});

export const pageAction = (sheet: ReviewSheet, title: string, page: number): ExecuteAction => ({
  type: 'Action.Execute',
  title,
  verb: 'page',
  data: { ...pointerTo(sheet), page },
  associatedInputs: 'none',
});

/** The way out, where the settings know one; behind all other buttons. */
export const linkActions = ({ link }: ReviewSheet): readonly OpenUrlAction[] =>
  link === undefined ? [] : [{ type: 'Action.OpenUrl', title: 'Open in browser', url: link }];
