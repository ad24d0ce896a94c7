import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryDesk, secretFile, SILENT } from '../spec-helpers.ts';
import { slackChannel } from '../slack-channel.ts';
import { slackConfig } from './slack-config.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-slack-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const workspace = { teamId: 'T0ACME', botTokenFile: '/token', signingSecretFile: '/secret' };
const config = (change: object = {}) => ({
  workspaces: [workspace],
  channels: { '#prod': { team: 'T0ACME', channel: 'C0PROD' } },
  ...change,
});

describe('the settings', () => {
  it('are taken as the guide has them', () => {
    expect(slackConfig.safeParse(config()).success).toBe(true);
  });

  it.each([
    ['no workspace', { workspaces: [] }],
    ['a workspace twice', { workspaces: [workspace, workspace] }],
    ['a workspace by its name', { workspaces: [{ ...workspace, teamId: 'acme' }] }],
    ['no way for clicks', { workspaces: [{ ...workspace, signingSecretFile: undefined }] }],
    ['two ways for clicks', { workspaces: [{ ...workspace, appTokenFile: '/app' }] }],
    ['a secret in place of its file', { workspaces: [{ ...workspace, botToken: 'xoxb-1' }] }],
    ['a channel by its name', { channels: { '#prod': { team: 'T0ACME', channel: '#prod' } } }],
    ['a channel of no workspace', { channels: { '#prod': { team: 'T0OTHER', channel: 'C0PROD' } } }],
  ])('are refused with %s', (_, change) => {
    expect(slackConfig.safeParse(config(change)).success).toBe(false);
  });
});

describe('a secret', () => {
  const start = (botTokenFile: string) =>
    slackChannel(
      slackConfig.parse(
        config({
          workspaces: [
            {
              ...workspace,
              botTokenFile,
              signingSecretFile: secretFile(folder, 'signing', 'a-signing-secret'),
            },
          ],
        }),
      ),
      { desk: new MemoryDesk(), clock: { nowMs: () => 0 }, log: SILENT },
    );

  it('is read from its file', () => {
    expect(start(secretFile(folder, 'good', 'xoxb-1-2')).notifier.kind).toBe('slack');
  });

  it.each([
    ['is not there', () => join(folder, 'none')],
    ['holds something else', () => secretFile(folder, 'else', 'xoxp-1')],
    ['is empty', () => secretFile(folder, 'empty', '')],
    ['everybody can read', () => secretFile(folder, 'open', 'xoxb-1-2', 0o644)],
  ])('in a file that %s is refused, and not told', (_, path) => {
    expect(() => start(path())).toThrow(expect.objectContaining({ code: 'invalid_setting' }));
    expect(() => start(path())).not.toThrow(/xox/);
  });
});
