import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addPolicy } from '../../e2e/harness/add-policy.ts';
import { LogFile } from '../../e2e/harness/log-file.ts';
import { startInstance, type Instance } from '../instance.ts';
import type { SlackSink } from './slack-sink.ts';

const ACME = fileURLToPath(new URL('../../../deploy/samples/acme', import.meta.url));

export const SIGNING_SECRET = 'bench-signing-secret';
export const ALICE = 'U0ALICE';
export const TEAM = 'T0BENCH';
/** Reviewed, and of no risk that a policy names. */
export const LOW_RISK = 'data.burst';

export interface ChatInstance extends Instance {
  readonly log: LogFile;
}

/** All-in-one with acme's policies, which tell one channel of Slack. */
export const startChatInstance = async (folder: string, sink: SlackSink): Promise<ChatInstance> => {
  const dataFolder = join(folder, 'chat');
  const env = {
    COUNTERSIGN_POLICIES: policiesIn(folder),
    COUNTERSIGN_SLACK: settingsIn(folder, sink.apiUrl),
  };
  return { ...(await startInstance({ dataFolder, env })), log: new LogFile(dataFolder) };
};

const policiesIn = (folder: string): string => {
  const policies = join(folder, 'policies');
  cpSync(ACME, policies, { recursive: true });
  addPolicy(policies, LOW_RISK, '@expires_in("4h")');
  for (const name of readdirSync(policies).filter((each) => each.endsWith('.cedar'))) {
    edit(join(policies, name), (text) => text.replaceAll('@notify("log")', '@notify("slack:#bench")'));
  }
  edit(join(policies, 'directory.yaml'), (text) =>
    text.replace(
      'name: Alice Archer\n',
      `name: Alice Archer\n    channels: [{ channel: slack, tenant: ${TEAM}, user: ${ALICE} }]\n`,
    ),
  );
  return policies;
};

const edit = (path: string, change: (text: string) => string): void =>
  writeFileSync(path, change(readFileSync(path, 'utf8')));

const settingsIn = (folder: string, apiUrl: string): string => {
  const write = (name: string, content: string): string => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const workspace = {
    teamId: TEAM,
    botTokenFile: write('bot-token', 'xoxb-bench'),
    signingSecretFile: write('signing-secret', SIGNING_SECRET),
  };
  const channels = { '#bench': { team: TEAM, channel: 'C0BENCH' } };
  return write('slack.json', JSON.stringify({ workspaces: [workspace], channels, apiUrl }));
};
