import type { Workspace } from '../api/workspace.ts';
import { platformCodeOf, readErrorOf } from '../api/notifier-error-of.ts';

interface SlackUser {
  readonly id?: string;
  readonly team_id?: string;
  readonly deleted?: boolean;
  readonly is_bot?: boolean;
  readonly is_workflow_bot?: boolean;
  readonly is_restricted?: boolean;
  readonly is_ultra_restricted?: boolean;
  readonly is_stranger?: boolean;
  readonly enterprise_user?: { readonly enterprise_id?: string; readonly teams?: readonly string[] };
}

/** Why an account of Slack's may not speak for a person, as Slack knows it now; undefined where it may. */
export const objectionToUser = async (workspace: Workspace, user: string): Promise<string | undefined> => {
  try {
    const { user: found } = await workspace.hastyWeb.users.info({ user });
    return found?.id === user ? objectionTo(workspace, { ...found }) : UNKNOWN;
  } catch (error) {
    if (platformCodeOf(error) === 'user_not_found' || platformCodeOf(error) === 'user_not_visible') {
      return UNKNOWN;
    }
    throw readErrorOf(error, 'users.info');
  }
};

const UNKNOWN = 'Slack knows no such account in this workspace.';

const objectionTo = (workspace: Workspace, user: SlackUser): string | undefined => {
  if (user.deleted === true) return 'Your Slack account is deactivated.';
  if (user.is_bot === true || user.is_workflow_bot === true) return "A bot can't decide.";
  if (user.is_restricted === true || user.is_ultra_restricted === true) {
    return 'Guests of this workspace decide nothing.';
  }
  if (user.is_stranger === true) return STRANGER;
  return isMember(workspace, user) ? undefined : STRANGER;
};

const STRANGER = 'Your Slack account belongs to another workspace.';

/** In an Enterprise Grid organisation an account has one home, and belongs to several workspaces. */
const isMember = (
  { teamId, enterpriseId }: Workspace,
  { team_id, enterprise_user: grid }: SlackUser,
): boolean =>
  team_id === teamId ||
  (enterpriseId !== undefined &&
    grid?.enterprise_id === enterpriseId &&
    grid.teams?.includes(teamId) === true);
