import type { ChannelIdentity } from '@countersign/domain-directory';
import type { Workspace } from '../api/workspace.ts';

/** As the directory links accounts: by the workspace of the settings, not by what a payload calls their home. */
export const identityOf = ({ teamId }: Workspace, user: string): ChannelIdentity => ({
  channel: 'slack',
  tenant: teamId,
  user,
});
