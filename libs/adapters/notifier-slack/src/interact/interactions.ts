import type { WebhookReply } from '@countersign/notifier';
import type { Workspace } from '../api/workspace.ts';
import type { Modals } from './modals.ts';
import type { Interaction } from './payload-schemas.ts';
import type { Submissions } from './submissions.ts';
import { workspaceOf } from './workspace-of.ts';

export interface InteractionsDependencies {
  readonly modals: Modals;
  readonly submissions: Submissions;
}

const DONE: WebhookReply = { status: 200 };

/** What people do with our cards and modals, once it is proven that Slack says so. */
export class Interactions {
  readonly #with: InteractionsDependencies;

  constructor(dependencies: InteractionsDependencies) {
    this.#with = dependencies;
  }

  /** `vouched`: the workspaces that the payload's proof speaks for; one of any other is refused as unproven. */
  async handle(payload: Interaction, vouched: readonly Workspace[]): Promise<WebhookReply> {
    const workspace = workspaceOf(vouched, payload);
    if (workspace === undefined) return { status: 401 };
    const { modals, submissions } = this.#with;
    if (payload.type === 'view_submission') return submissions.receive(payload, workspace);
    if (payload.type === 'view_closed') return DONE;
    const isOurs =
      'view' in payload ? await modals.turn(payload, workspace) : await modals.open(payload, workspace);
    return isOurs ? DONE : { status: 400 };
  }
}
