import type { Click, ClickDesk, WebhookReply } from '@countersign/notifier';
import { parseMessageRef } from '../api/message-ref.ts';
import type { Workspace } from '../api/workspace.ts';
import { DECIDE, FIELDS, parsePointer, viewPointer } from '../pointer.ts';
import type { SlackLog } from '../slack-log.ts';
import { identityOf } from './identity-of.ts';
import { choiceIn, textIn, type Submission } from './payload-schemas.ts';
import type { PrivateAnswers } from './private-answers.ts';

export interface SubmissionsDependencies {
  readonly desk: Pick<ClickDesk, 'receive'>;
  readonly answers: PrivateAnswers;
  readonly log: SlackLog;
}

/** Decisions as they come out of a modal. */
export class Submissions {
  readonly #with: SubmissionsDependencies;
  readonly #answering = new Set<Promise<void>>();

  constructor(dependencies: SubmissionsDependencies) {
    this.#with = dependencies;
  }

  /** The modal closes once the decision stands in the log; what came of it is told beside the card. */
  async receive(submission: Submission, workspace: Workspace): Promise<WebhookReply> {
    const click = clickOf(submission, workspace);
    if (click === undefined) return { status: 400 };
    if (click.reason === '') return fieldError(FIELDS.reason, 'Say why, in a word or two.');
    try {
      const { outcome } = await this.#with.desk.receive(click);
      this.#answer(click, workspace, outcome);
      return { status: 200 };
    } catch (error) {
      this.#with.log.error('A decision could not be recorded.', { requestId: click.requestId, error });
      return fieldError(FIELDS.reason, 'Nothing was recorded: the record can’t be reached. Try again.');
    }
  }

  /** Resolves when everybody who was promised an answer has got it. */
  async settled(): Promise<void> {
    await Promise.all(this.#answering);
  }

  #answer(click: Click, workspace: Workspace, outcome: Promise<{ readonly message: string }>): void {
    const { channel } = parseMessageRef(click.message);
    const answering = outcome
      .then(({ message }) => this.#with.answers.tell(workspace, channel, click.identity.user, message))
      .finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }
}

/** Undefined for what no modal of ours can send. */
const clickOf = ({ view, user }: Submission, workspace: Workspace): Click | undefined => {
  const pointer = parsePointer(viewPointer, view.private_metadata);
  const decision = pointer?.k === 'read' ? choiceIn(view, FIELDS.decision) : pointer?.k;
  if (view.callback_id !== DECIDE || pointer === undefined) return undefined;
  if (decision !== 'approve' && decision !== 'deny') return undefined;
  if (parseMessageRef(pointer.m).team !== workspace.teamId) return undefined;
  return {
    identity: identityOf(workspace, user.id),
    // The same however often Slack delivers it; each modal that is opened has one of its own.
    clickId: `${view.id}/${view.hash}`,
    requestId: pointer.r,
    digest: pointer.d,
    cardVersion: pointer.v,
    message: pointer.m,
    decision,
    reason: (textIn(view, FIELDS.reason) ?? '').trim(),
    // A decision is offered where all of it stands on the message, and on the last page of all.
    sawWhole: true,
  };
};

/** Slack leaves the modal open, with this below the field. */
const fieldError = (field: string, message: string): WebhookReply => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify({ response_action: 'errors', errors: { [field]: message } }),
});
