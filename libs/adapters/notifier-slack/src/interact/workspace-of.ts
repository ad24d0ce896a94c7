import type { Workspace } from '../api/workspace.ts';
import type { Sender } from './payload-schemas.ts';

/**
 * The workspace that a payload comes from, of those that its proof vouches for; undefined for any other. Without
 * a workspace of its own, an organisation-wide installation speaks of the home of who clicked.
 */
export const workspaceOf = (
  vouched: readonly Workspace[],
  { team, enterprise, user }: Sender,
): Workspace | undefined => {
  const id = team?.id ?? (enterprise?.id === undefined ? undefined : user.team_id);
  const workspace = vouched.find(({ teamId }) => teamId === id);
  const isOrganisation = workspace?.enterpriseId === undefined || workspace.enterpriseId === enterprise?.id;
  return isOrganisation ? workspace : undefined;
};
