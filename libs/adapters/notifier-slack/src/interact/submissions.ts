import { isBlank, sha256 } from '@countersign/kernel';
import type { Click, ClickDesk, WebhookReply } from '@countersign/notifier';
import { parseMessageRef } from '../api/message-ref.ts';
import type { Workspace } from '../api/workspace.ts';
import { DECIDE, FIELDS, parsePointer, viewPointer } from '../pointer.ts';
import type { SlackLog } from '../slack-log.ts';
import { identityOf } from './identity-of.ts';
import { LatestNames } from './latest-names.ts';
import { choiceIn, textIn, type Submission } from './payload-schemas.ts';
import type { Addressee, PrivateAnswers } from './private-answers.ts';

export interface SubmissionsDependencies {
  readonly desk: Pick<ClickDesk, 'receive'>;
  readonly answers: PrivateAnswers;
  readonly log: SlackLog;
}

/** Decisions as they come out of a modal. */
export class Submissions {
  readonly #with: SubmissionsDependencies;
  readonly #answering = new Set<Promise<void>>();
  /** Clicks that are answered, or about to be: sent again, they are told nothing again. */
  readonly #told = new LatestNames();

  constructor(dependencies: SubmissionsDependencies) {
    this.#with = dependencies;
  }

  /** The modal closes once the decision stands in the log; what came of it is told beside the card. */
  async receive(submission: Submission, workspace: Workspace): Promise<WebhookReply> {
    const click = clickOf(submission, workspace);
    if (click === undefined) return { status: 400 };
    if (isBlank(click.reason)) return fieldError(FIELDS.reason, 'Say why, in a word or two.');
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
    const { clickId, identity, message, requestId } = click;
    const name = `${identity.tenant} ${identity.user} ${clickId}`;
    if (!this.#told.add(name)) return;
    const { channel } = parseMessageRef(message);
    const to = { workspace, channel, user: identity.user, requestId };
    const answering = this.#tellOnce(name, to, outcome).finally(() => this.#answering.delete(answering));
    this.#answering.add(answering);
  }

  async #tellOnce(
    name: string,
    to: Addressee,
    outcome: Promise<{ readonly message: string }>,
  ): Promise<void> {
    const { message } = await outcome;
    if (!(await this.#with.answers.tell(to, message))) this.#told.forget(name);
  }
}

/** Undefined for what no modal of ours can send. */
const clickOf = ({ view, user }: Submission, workspace: Workspace): Click | undefined => {
  const pointer = parsePointer(viewPointer, view.private_metadata);
  const decision = pointer?.k === 'read' ? choiceIn(view, FIELDS.decision) : pointer?.k;
  if (view.callback_id !== DECIDE || pointer === undefined) return undefined;
  if (decision !== 'approve' && decision !== 'deny') return undefined;
  if (parseMessageRef(pointer.m).team !== workspace.teamId) return undefined;
  const reason = (textIn(view, FIELDS.reason) ?? '').trim();
  return {
    identity: identityOf(workspace, user.id),
    clickId: clickIdOf(view, decision, reason),
    requestId: pointer.r,
    digest: pointer.d,
    cardVersion: pointer.v,
    message: pointer.m,
    decision,
    reason,
    // A decision is offered where all of it stands on the message, and on the last page of all.
    sawWhole: true,
  };
};

/**
 * The same however often Slack delivers it; each modal that is opened has one of its own. Where Slack showed an error
 * though the decision stands, the modal is still open: who chooses otherwise in it clicks anew, and hears what stands.
 */
const clickIdOf = ({ id, hash }: Submission['view'], decision: Click['decision'], reason: string): string =>
  `${id}/${hash}/${sha256(JSON.stringify([decision, reason]))}`;

/** Slack leaves the modal open, with this below the field. */
const fieldError = (field: string, message: string): WebhookReply => ({
  status: 200,
  contentType: 'application/json',
  body: JSON.stringify({ response_action: 'errors', errors: { [field]: message } }),
});
