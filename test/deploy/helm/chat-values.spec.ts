import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '@countersign/kernel';
import type { Channel, ClickDesk } from '@countersign/notifier';
import { slackChannel, slackConfig } from '@countersign/notifier-slack';
import { teamsChannel, teamsConfig } from '@countersign/notifier-teams';
import { readSettingsFile, SILENT_LOGGER } from '@countersign/service-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channelFiles, channelMountsOf, chatValues, deployed } from './chat-values.ts';
import { NEEDED } from './read-chart.ts';
import { renderChart } from './render-chart.ts';

const { slack, teams } = chatValues;
const on = renderChart({ ...NEEDED, notification: chatValues });

/** The files that settings name, wherever they stand in them. */
const filesNamedIn = (text: string): readonly string[] =>
  [...text.matchAll(/\w+File: (\S+)/g)].map(([, path = '']) => path);

describe('the example of values for chat', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-channels-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const desk: ClickDesk = {
    receive: () => Promise.reject(new Error('Nobody clicks here.')),
    open: () => Promise.reject(new Error('Nobody reads here.')),
  };
  const surroundings = { desk, clock: new SystemClock(), log: SILENT_LOGGER };

  /** A file of the ConfigMap, with the keys that it names as Kubernetes mounts them for a group. */
  const mounted = (name: string, secrets: Readonly<Record<string, string>>): string => {
    const text = channelFiles(on)[name] ?? '';
    mkdirSync(join(folder, name.replace('.yaml', '')));
    const here = (path: string): string => path.replaceAll('/run/countersign', folder);
    for (const path of filesNamedIn(text)) {
      const secret = secrets[path.replace(/.*\//, '')] ?? '';
      writeFileSync(here(path), secret, { mode: 0o440 });
    }
    writeFileSync(join(folder, name), here(text));
    return join(folder, name);
  };

  it.each([
    ['slack', slack],
    ['teams', teams],
  ])('gives %s the settings of its own example', (name, { settings }) => {
    expect(settings).toEqual(deployed(`${name}/settings.example.yaml`));
  });

  it('names files where the chart mounts them', () => {
    const mounts = new Set(channelMountsOf(on).map(({ mountPath }) => mountPath));
    const named = Object.values(channelFiles(on)).flatMap(filesNamedIn);
    expect(named).toHaveLength(3);
    expect(named.filter((path) => !mounts.has(path.replace(/\/[^/]+$/, '')))).toEqual([]);
  });

  it('opens Slack, with the secrets at those paths', async () => {
    const path = mounted('slack.yaml', { 'bot-token': 'xoxb-1-2-x', 'signing-secret': '0123456789abcdef' });
    const channel: Channel = slackChannel(
      readSettingsFile('COUNTERSIGN_SLACK', path, slackConfig),
      surroundings,
    );
    expect(channel.notifier.kind).toBe('slack');
    await channel.stop?.();
  });

  it('opens Teams, with the secret at that path', async () => {
    const path = mounted('teams.yaml', { 'client-secret': 'hush-hush' });
    const channel = await teamsChannel(
      readSettingsFile('COUNTERSIGN_TEAMS', path, teamsConfig),
      surroundings,
    );
    expect(channel.notifier.kind).toBe('teams');
    await channel.stop?.();
  }, 60_000);
});
