import { z } from 'zod';

const workspace = z
  .strictObject({
    teamId: z.string().regex(/^T[A-Z0-9]{2,20}$/, 'A workspace id begins with T.'),
    enterpriseId: z
      .string()
      .regex(/^E[A-Z0-9]{2,20}$/, 'The id of an Enterprise Grid organisation begins with E.')
      .exactOptional(),
    /** Holds the bot's token, `xoxb-…`. */
    botTokenFile: z.string().min(1),
    /** Holds the app's signing secret: Slack calls us. */
    signingSecretFile: z.string().min(1).exactOptional(),
    /** Holds an app-level token, `xapp-…`: we call Slack, and clicks come through that socket. */
    appTokenFile: z.string().min(1).exactOptional(),
  })
  .refine(
    ({ signingSecretFile, appTokenFile }) =>
      (signingSecretFile === undefined) !== (appTokenFile === undefined),
    'A workspace has a signingSecretFile, or an appTokenFile where clicks come through Socket Mode.',
  );

const channel = z.strictObject({
  /** One of `workspaces`. */
  team: z.string().min(1),
  channel: z
    .string()
    .regex(/^[CGD][A-Z0-9]{2,20}$/, 'Name a channel by its id (C…, G…, D…), as "Copy link" shows it.'),
});

const hasNoRepeated = (names: readonly string[]): boolean => new Set(names).size === names.length;

/** What the adapter is told of Slack; secrets stand in files. */
export const slackConfig = z
  .strictObject({
    workspaces: z.array(workspace).min(1).max(50),
    /** By what stands after `slack:` in policies: `#prod`. */
    channels: z.record(z.string().regex(/^[^\s:]{1,80}$/), channel),
    /** Another Slack than Slack's, for tests. */
    apiUrl: z.url().exactOptional(),
  })
  .refine(({ workspaces }) => hasNoRepeated(workspaces.map(({ teamId }) => teamId)), {
    message: 'A workspace may stand there once.',
    path: ['workspaces'],
  })
  .superRefine(({ workspaces, channels }, context) => {
    for (const [name, { team }] of Object.entries(channels)) {
      if (workspaces.some(({ teamId }) => teamId === team)) continue;
      context.addIssue({
        code: 'custom',
        path: ['channels', name, 'team'],
        message: `"${team}" is none of the workspaces.`,
      });
    }
  });

export type SlackConfig = z.infer<typeof slackConfig>;
export type WorkspaceConfig = SlackConfig['workspaces'][number];
