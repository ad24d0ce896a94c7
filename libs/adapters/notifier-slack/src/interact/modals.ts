import type { ClickDesk, Notifier, ReviewSheet } from '@countersign/notifier';
import type { ModalView } from '@slack/types';
import { messageRef, parseMessageRef } from '../api/message-ref.ts';
import { platformCodeOf } from '../api/notifier-error-of.ts';
import type { Workspace } from '../api/workspace.ts';
import {
  ACTIONS,
  buttonPointer,
  parsePointer,
  pointerTo,
  viewPointer,
  type ViewPointer,
} from '../pointer.ts';
import { cardMessage } from '../render/card-message.ts';
import { pageView, pagesOf, reasonView, sentenceView } from '../render/views.ts';
import type { SlackLog } from '../slack-log.ts';
import { identityOf } from './identity-of.ts';
import { LatestNames } from './latest-names.ts';
import type { MessageActions, ViewActions } from './payload-schemas.ts';
import type { Addressee, PrivateAnswers } from './private-answers.ts';
import { within } from './within.ts';

export interface ModalsDependencies {
  readonly desk: Pick<ClickDesk, 'open'>;
  readonly notifier: Required<Pick<Notifier, 'objectionTo'>>;
  readonly answers: PrivateAnswers;
  readonly log: SlackLog;
}

/** Of the three seconds that a trigger lives. */
const READY_WITHIN_MS = 1_000;

type Prepared = { readonly view: ModalView } | { readonly sentence: string };

const KINDS = new Map<string, ViewPointer['k']>([
  [ACTIONS.approve, 'approve'],
  [ACTIONS.deny, 'deny'],
  [ACTIONS.read, 'read'],
]);

const UNREADABLE = 'That could not be opened now. Try again in a moment.';

/** What opens when somebody presses a button, and what they turn to in it. */
export class Modals {
  readonly #with: ModalsDependencies;
  /** Each press of a button has a trigger of its own. */
  readonly #pressed = new LatestNames();

  constructor(dependencies: ModalsDependencies) {
    this.#with = dependencies;
  }

  /**
   * False where the button is none of ours. Slack's client has followed a link by itself; a press that is sent again
   * opens nothing and is told nothing again.
   */
  async open(payload: MessageActions, workspace: Workspace): Promise<boolean> {
    const [{ action_id: actionId, value }] = payload.actions;
    if (actionId === ACTIONS.link) return true;
    const kind = KINDS.get(actionId);
    const pointer = parsePointer(buttonPointer, value);
    if (kind === undefined || pointer === undefined) return false;
    if (!this.#pressed.add(payload.trigger_id)) return true;
    const { channel_id: channel, message_ts: ts } = payload.container;
    const m = messageRef({ team: workspace.teamId, channel, ts });
    const preparing = this.#prepare({ ...pointer, m, k: kind, p: 1 }, payload, workspace);
    await this.#show(preparing, payload, { workspace, channel, user: payload.user.id, requestId: pointer.r });
    return true;
  }

  /** Turns a page. Who presses twice has turned one page. */
  async turn(payload: ViewActions, workspace: Workspace): Promise<boolean> {
    const pointer = parsePointer(viewPointer, payload.view.private_metadata);
    const step = stepOf(payload.actions[0].action_id);
    if (pointer === undefined || pointer.k !== 'read' || step === undefined) return false;
    const view = viewOf(await this.#page(pointer, pointer.p + step, payload, workspace));
    try {
      await workspace.hastyWeb.views.update({ view_id: payload.view.id, hash: payload.view.hash, view });
    } catch (error) {
      if (platformCodeOf(error) !== 'hash_conflict') {
        this.#with.log.warn('A page could not be turned.', { requestId: pointer.r, error });
      }
    }
    return true;
  }

  async #show(preparing: Promise<Prepared>, { trigger_id }: MessageActions, to: Addressee): Promise<void> {
    const { hastyWeb } = to.workspace;
    try {
      const early = await within(preparing, READY_WITHIN_MS);
      if (early !== undefined && 'sentence' in early) {
        this.#with.answers.tellMeanwhile(to, early.sentence);
        return;
      }
      const view = early?.view ?? sentenceView('One moment …');
      const opened = await hastyWeb.views.open({ trigger_id, view });
      if (early !== undefined || opened.view?.id === undefined) return;
      await hastyWeb.views.update({ view_id: opened.view.id, view: viewOf(await preparing) });
    } catch (error) {
      this.#with.log.warn('What was asked for could not be opened.', { error });
      this.#with.answers.tellMeanwhile(to, UNREADABLE);
    }
  }

  async #prepare(pointer: ViewPointer, payload: MessageActions, workspace: Workspace): Promise<Prepared> {
    try {
      if (pointer.k === 'read') return await this.#page(pointer, 1, payload, workspace);
      const opened = await this.#sheet(pointer, payload, workspace);
      if ('sentence' in opened) return opened;
      const { sheet } = opened;
      if (!isCurrent(sheet, pointer) || !sheet.asks) return { sentence: staleAnswer(sheet) };
      // The record will say that all of it was seen: where no message shows that, it is read first.
      const isRead = isOfferedAtOnce(sheet);
      return {
        view: isRead ? reasonView(sheet, pointer) : pageView(sheet, { ...pointer, k: 'read' }, false),
      };
    } catch (error) {
      this.#with.log.warn('A request could not be opened.', { requestId: pointer.r, error });
      return { sentence: UNREADABLE };
    }
  }

  /**
   * The pages belong to one version of the card: where that has changed meanwhile they begin anew, since what was
   * read is not what would be decided.
   */
  async #page(
    pointer: ViewPointer,
    wanted: number,
    payload: MessageActions | ViewActions,
    workspace: Workspace,
  ): Promise<Prepared> {
    const opened = await this.#sheet(pointer, payload, workspace);
    if ('sentence' in opened) return opened;
    const { sheet } = opened;
    const hasChanged = wanted !== 1 && !isCurrent(sheet, pointer);
    const p = hasChanged ? 1 : Math.min(Math.max(wanted, 1), pagesOf(sheet).length);
    return { view: pageView(sheet, { ...pointer, ...pointerTo(sheet), p }, hasChanged) };
  }

  /** Accounts that may not decide don't read either, whatever the directory says of them. */
  async #sheet(
    { r: requestId, m }: ViewPointer,
    { user }: MessageActions | ViewActions,
    workspace: Workspace,
  ): Promise<{ readonly sheet: ReviewSheet } | { readonly sentence: string }> {
    if (parseMessageRef(m).team !== workspace.teamId) return { sentence: UNREADABLE };
    const { desk, notifier } = this.#with;
    const identity = identityOf(workspace, user.id);
    const [objection, opened] = await Promise.all([
      notifier.objectionTo(identity),
      desk.open(requestId, identity),
    ]);
    if (objection !== undefined) return { sentence: objection };
    return opened.kind === 'refused' ? { sentence: opened.message } : { sheet: opened.sheet };
  }
}

const viewOf = (prepared: Prepared): ModalView =>
  'view' in prepared ? prepared.view : sentenceView(prepared.sentence);

const stepOf = (actionId: string): 1 | -1 | undefined => {
  if (actionId === ACTIONS.next) return 1;
  return actionId === ACTIONS.previous ? -1 : undefined;
};

const isOfferedAtOnce = (sheet: ReviewSheet): boolean =>
  cardMessage(sheet).blocks.some(
    (block) =>
      block.type === 'actions' &&
      block.elements.some((element) => 'action_id' in element && element.action_id === ACTIONS.approve),
  );

const isCurrent = ({ digest, version }: ReviewSheet, pointer: ViewPointer): boolean =>
  digest === pointer.d && version === pointer.v;

const staleAnswer = ({ asks, status, heading }: ReviewSheet): string => {
  if (asks) return 'This card has changed since it was shown to you. Look at it again, and then decide.';
  return status === 'pending'
    ? "Nothing was decided: policy doesn't take a decision on this request in Slack."
    : `Nothing was decided: this request no longer waits. ${heading}.`;
};
