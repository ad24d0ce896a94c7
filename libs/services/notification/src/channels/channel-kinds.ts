import { readSettingsFile } from '@countersign/service-host';
import type { ChannelKind } from './open-channels.ts';

/** A chat platform is one entry more; its adapter is loaded only where it is configured. */
export const CHANNEL_KINDS: readonly ChannelKind[] = [
  {
    kind: 'slack',
    variable: 'COUNTERSIGN_SLACK',
    fileIn: ({ slackFile }) => slackFile,
    open: async ({ variable, path }, surroundings) => {
      const { slackChannel, slackConfig } = await import('@countersign/notifier-slack');
      return slackChannel(readSettingsFile(variable, path, slackConfig), surroundings);
    },
  },
  {
    kind: 'teams',
    variable: 'COUNTERSIGN_TEAMS',
    fileIn: ({ teamsFile }) => teamsFile,
    open: async ({ variable, path }, surroundings) => {
      const { teamsChannel, teamsConfig } = await import('@countersign/notifier-teams');
      return teamsChannel(readSettingsFile(variable, path, teamsConfig), surroundings);
    },
  },
];
