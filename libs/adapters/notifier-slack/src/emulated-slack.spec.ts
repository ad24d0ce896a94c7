import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { createEmulator, type Emulator } from 'emulate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slackConfig } from './config/slack-config.ts';
import { slackChannel } from './slack-channel.ts';
import { delivery, longSheet, MemoryDesk, secretFile, sheet, SILENT } from './spec-helpers.ts';

const TOKEN = 'xoxb-emulated';
const TEAM = 'T000000001';

let folder: string;
let emulator: Emulator;
let web: WebClient;
let channel: string;
let slack: ReturnType<typeof slackChannel>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-slack-'));
  emulator = await createEmulator({
    service: 'slack',
    port: await freePort(),
    seed: {
      slack: {
        users: [{ name: 'alice' }],
        bots: [{ name: 'countersign' }],
        tokens: [{ token: TOKEN, user: 'alice', scopes: SCOPES }],
      },
    },
  });
  const apiUrl = `${emulator.url}/api/`;
  web = new WebClient(TOKEN, { slackApiUrl: apiUrl });
  const created = await web.conversations.create({ name: 'approvals', is_private: true });
  channel = String(created.channel?.id);
  slack = slackChannel(
    slackConfig.parse({
      apiUrl,
      workspaces: [
        {
          teamId: TEAM,
          botTokenFile: secretFile(folder, 'token', TOKEN),
          signingSecretFile: secretFile(folder, 'secret', 'a-signing-secret'),
        },
      ],
      channels: { '#prod': { team: TEAM, channel } },
    }),
    { desk: new MemoryDesk(), clock: { nowMs: () => Date.now() }, log: SILENT },
  );
});
afterAll(async () => {
  await emulator.close();
  rmSync(folder, { recursive: true });
});

const SCOPES = [
  'chat:write',
  'groups:read',
  'groups:history',
  'groups:write',
  'channels:read',
  'channels:history',
  'users:read',
];

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const posted = async () =>
  (await web.conversations.history({ channel, include_all_metadata: true })).messages;

describe("a Slack that isn't ours", () => {
  it('takes a card, its change and its reminder', async () => {
    const message = await slack.notifier.post(delivery(sheet));
    await slack.notifier.update({ ...delivery({ ...longSheet, requestId: sheet.requestId }), message });
    await slack.notifier.remind({ ...delivery(sheet), message });
    const [, , ts] = message.split('/');
    expect((await posted())?.find((one) => one.ts === ts)).toMatchObject({
      metadata: { event_type: 'countersign_review', event_payload: { request_id: sheet.requestId } },
      blocks: expect.arrayContaining([expect.objectContaining({ type: 'rich_text' })]),
    });
  });

  it('takes gathered cards', async () => {
    const gathered = { ...delivery(sheet), gatheringId: 'g-1', sheets: [sheet, longSheet] };
    expect(await slack.notifier.postGathered(gathered)).toContain(`${TEAM}/${channel}/`);
  });

  it('tells whose an account is', async () => {
    const { user_id: user } = await web.auth.test();
    const identity = { channel: 'slack', tenant: TEAM } as const;
    expect(await slack.notifier.objectionTo({ ...identity, user: String(user) })).toBeUndefined();
    expect(await slack.notifier.objectionTo({ ...identity, user: 'U0NOBODY' })).toContain('no such account');
  });

  it('refuses a channel that is not there', async () => {
    await expect(
      slack.notifier.update({ ...delivery(sheet), message: `${TEAM}/C0NONE/1.1` }),
    ).rejects.toMatchObject({ code: 'channel_refused' });
  });
});
