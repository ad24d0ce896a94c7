import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FakeSlack,
  type AppReply,
  type FakeSlackOptions,
  type FakeTeam,
  type SignedCall,
} from '@countersign/fake-slack';
import {
  buildReviewSheet,
  type Channel,
  type Click,
  type ClickDesk,
  type ClickOutcome,
  type OpenedSheet,
  type ReceivedClick,
  type ReviewSheet,
  type WebhookReply,
} from '@countersign/notifier';
import { plainCard, SAMPLE_CARDS } from '@countersign/notifier/samples';
import { ManualClock } from '@countersign/testing';
import { slackConfig } from './config/slack-config.ts';
import { slackChannel } from './slack-channel.ts';

export const PROD = 'slack:#prod';

export const ACME: FakeTeam = {
  id: 'T0ACME',
  botToken: 'xoxb-acme',
  botId: 'B0ACME',
  botUserId: 'U0BOT',
  signingSecret: 'acme-signing-secret',
  scopes: [
    'chat:write',
    'channels:read',
    'groups:read',
    'im:read',
    'channels:history',
    'groups:history',
    'im:history',
    'users:read',
  ],
};

export const GLOBEX: FakeTeam = {
  ...ACME,
  id: 'T0GLOBEX',
  botToken: 'xoxb-globex',
  botId: 'B0GLOBEX',
  signingSecret: 'globex-signing-secret',
};

export const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What the notification service does with clicks, in memory: each once. */
export class MemoryDesk implements ClickDesk {
  readonly clicks: Click[] = [];
  readonly sheets = new Map<string, ReviewSheet>();
  outcome: ClickOutcome = { kind: 'decided', status: 'approved', message: 'You approved it.' };
  /** Thrown by the next `receive`. */
  failure: Error | undefined;

  put(...sheets: readonly ReviewSheet[]): void {
    for (const sheet of sheets) this.sheets.set(sheet.requestId, sheet);
  }

  async receive(click: Click): Promise<ReceivedClick> {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    const isNew = !this.clicks.some(
      ({ clickId, identity }) => clickId === click.clickId && identity.user === click.identity.user,
    );
    if (isNew) this.clicks.push(click);
    return { isNew, outcome: Promise.resolve(this.outcome) };
  }

  async open(requestId: string): Promise<OpenedSheet> {
    const sheet = this.sheets.get(requestId);
    return sheet === undefined
      ? { kind: 'refused', message: 'There is no such request.' }
      : { kind: 'sheet', sheet };
  }
}

export const sheet = buildReviewSheet(plainCard);
export const longSheet = buildReviewSheet(SAMPLE_CARDS['a Terraform plan']);

export interface SlackWorldOfTests {
  readonly slack: FakeSlack;
  readonly desk: MemoryDesk;
  readonly clock: ManualClock;
  readonly channel: ReturnType<typeof slackChannel>;
  /** What it logs as one. */
  readonly warnings: readonly string[];
  readonly stop: () => Promise<void>;
}

export const startWorld = async (
  options: Partial<FakeSlackOptions> = {},
  teams: readonly FakeTeam[] = [ACME],
): Promise<SlackWorldOfTests> => {
  const clock = new ManualClock();
  const slack = await FakeSlack.start({
    teams,
    clock,
    burst: 100,
    users: [
      { id: 'U0ALICE', team: 'T0ACME' },
      { id: 'U0BOB', team: 'T0ACME' },
    ],
    channels: [
      { id: 'C0PROD', team: 'T0ACME', isPrivate: true, members: ['U0BOT', 'U0ALICE', 'U0BOB'] },
      { id: 'C0OPEN', team: 'T0ACME', members: ['U0BOT', 'U0ALICE'] },
      { id: 'C0AWAY', team: 'T0ACME', members: ['U0ALICE'] },
      { id: 'D0ALICE', team: 'T0ACME', members: ['U0BOT', 'U0ALICE'] },
    ],
    ...options,
  });
  const desk = new MemoryDesk();
  desk.put(sheet);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-slack-'));
  const warnings: string[] = [];
  const log = { ...SILENT, warn: (message: string) => void warnings.push(message) };
  const channel = slackChannel(configOf(folder, teams, slack.apiUrl), { desk, clock, log });
  slack.interactTo((call) => deliverTo(channel, call));
  const stop = async (): Promise<void> => {
    await channel.stop?.();
    await slack.stop();
    rmSync(folder, { recursive: true });
  };
  return { slack, desk, clock, channel, warnings, stop };
};

export const secretFile = (folder: string, name: string, secret: string, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, `${secret}\n`);
  chmodSync(path, mode);
  return path;
};

const configOf = (folder: string, teams: readonly FakeTeam[], apiUrl: string) =>
  slackConfig.parse({
    apiUrl,
    workspaces: teams.map(({ id, enterpriseId, botToken, signingSecret, appToken }) => ({
      teamId: id,
      ...(enterpriseId !== undefined && { enterpriseId }),
      botTokenFile: secretFile(folder, `${id}-token`, botToken),
      ...(appToken === undefined
        ? { signingSecretFile: secretFile(folder, `${id}-secret`, signingSecret) }
        : { appTokenFile: secretFile(folder, `${id}-app`, appToken) }),
    })),
    channels: {
      '#prod': { team: 'T0ACME', channel: 'C0PROD' },
      '#open': { team: 'T0ACME', channel: 'C0OPEN' },
      '#away': { team: 'T0ACME', channel: 'C0AWAY' },
      '#direct': { team: 'T0ACME', channel: 'D0ALICE' },
      '#none': { team: 'T0ACME', channel: 'C0NONE' },
    },
  });

const deliverTo = async (channel: Channel, call: SignedCall): Promise<AppReply> => {
  const { status, body = '' } = await callWebhook(channel, call);
  return { status, body };
};

export const callWebhook = async (channel: Channel, call: SignedCall): Promise<WebhookReply> => {
  if (channel.webhook === undefined) throw new Error('It has no webhook.');
  return channel.webhook({ path: 'interactions', ...call });
};

export const delivery = (of: ReviewSheet, channel = PROD, isRepeat = false) => ({
  channel,
  sheet: of,
  isRepeat,
  signal: new AbortController().signal,
});
