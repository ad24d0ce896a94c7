import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { FakeTeams, type FakeConversation, type FakePerson } from '@countersign/fake-teams';
import { SystemClock } from '@countersign/kernel';
import {
  buildReviewSheet,
  type Channel,
  type Click,
  type ClickDesk,
  type ClickOutcome,
  type ReviewCard,
  type ReviewSheet,
} from '@countersign/notifier';
import { plainCard, SAMPLE_CARDS } from '@countersign/notifier/samples';
import { teamsChannel } from './teams-channel.ts';
import { teamsConfig, type TeamsConfig } from './teams-config.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const OTHER_TENANT = '22222222-2222-4222-8222-222222222222';
export const TEAM = '19:team@thread.tacv2';
export const GROUP = '44444444-4444-4444-8444-444444444444';

const person = (nth: number, name: string, extra: Partial<FakePerson> = {}): FakePerson => ({
  aadObjectId: `aaaaaaaa-0000-4000-8000-00000000000${nth}`,
  name,
  tenantId: TENANT,
  userRole: 'user',
  ...extra,
});

export const alice = person(1, 'Alice');
export const bob = person(2, 'Bob');
export const guest = person(3, 'Gus', { userRole: 'guest' });
export const stranger = person(4, 'Sam', { tenantId: OTHER_TENANT });

/** Clicks, and what may be read, in memory: as durable as the notification service's desk, until the test ends. */
export class MemoryDesk implements ClickDesk {
  readonly clicks = new Map<string, Click>();
  readonly sheets = new Map<string, ReviewSheet>();
  isDown = false;
  outcome: (click: Click) => Promise<ClickOutcome> = ({ decision }) =>
    Promise.resolve({ kind: 'decided', status: decision, message: `Your ${decision} counts.` });

  receive(click: Click): ReturnType<ClickDesk['receive']> {
    if (this.isDown) return Promise.reject(new Error('store_unavailable'));
    const isNew = !this.clicks.has(click.clickId);
    const first = this.clicks.get(click.clickId) ?? click;
    this.clicks.set(click.clickId, first);
    return Promise.resolve({ isNew, outcome: this.outcome(first) });
  }

  open(requestId: string, { user }: { readonly user: string }): ReturnType<ClickDesk['open']> {
    const sheet = this.sheets.get(requestId);
    const mayRead = user === alice.aadObjectId || user === bob.aadObjectId;
    return Promise.resolve(
      sheet === undefined || !mayRead
        ? { kind: 'refused', message: 'There is no such request.' }
        : { kind: 'sheet', sheet },
    );
  }
}

export const sheetOf = (name: keyof typeof SAMPLE_CARDS, changes: Partial<ReviewCard> = {}): ReviewSheet =>
  buildReviewSheet({ ...SAMPLE_CARDS[name], ...changes });

export const plainSheet = (changes: Partial<ReviewCard> = {}): ReviewSheet =>
  buildReviewSheet({ ...plainCard, ...changes });

const serve = async (channel: Channel): Promise<{ readonly server: Server; readonly url: string }> => {
  const server = createServer((request, response) => {
    void (async () => {
      const rawBody = await buffer(request);
      const headers = { authorization: request.headers.authorization };
      const reply = await channel
        .webhook?.({ path: 'messages', headers, rawBody })
        .catch(() => ({ status: 503, contentType: undefined, body: undefined }));
      response.writeHead(reply?.status ?? 404, { 'content-type': reply?.contentType ?? 'text/plain' });
      response.end(reply?.body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

export interface TeamsWorld {
  readonly teams: FakeTeams;
  readonly desk: MemoryDesk;
  readonly channel: Channel;
  readonly config: TeamsConfig;
  readonly logged: readonly (readonly [string, unknown])[];
  readonly groupChat: FakeConversation;
  /** The same bot again, as after a restart: nothing remembered but what the desk holds. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A Teams with conversations of each kind, and the adapter connected to it. */
export const teamsWorld = async (settings: object = {}): Promise<TeamsWorld> => {
  const teams = await FakeTeams.start({ rates: [] });
  const folder = await mkdtemp(join(tmpdir(), 'countersign-teams-'));
  const clientSecretFile = join(folder, 'secret');
  await writeFile(clientSecretFile, `${teams.appSecret}\n`, { mode: 0o600 });
  const { conversations } = teams;
  const room = (name: string, type: 'private' | 'standard' | 'shared', people: readonly FakePerson[]) =>
    conversations.add(
      {
        id: `19:${name}@thread.tacv2`,
        scope: 'channel',
        tenantId: TENANT,
        team: { id: TEAM, type, groupId: GROUP },
      },
      people,
    );
  const chat = (name: string, people: readonly FakePerson[]) =>
    conversations.add({ id: `19:${name}@thread.v2`, scope: 'groupChat', tenantId: TENANT }, people);
  const groupChat = chat('chat', [alice, bob]);
  const place = { tenant: TENANT, serviceUrl: teams.serviceUrl };
  const channelOf = (name: string, type: 'private' | 'standard' | 'shared', people = [alice, bob]) => ({
    scope: 'channel' as const,
    ...place,
    team: TEAM,
    group: GROUP,
    conversation: room(name, type, people).id,
  });
  const config = teamsConfig.parse({
    appId: teams.appId,
    clientSecretFile,
    tenants: [TENANT],
    serviceUrls: [teams.serviceUrl],
    endpoints: teams.endpoints,
    conversations: {
      ops: { scope: 'groupChat', ...place, conversation: groupChat.id },
      mixed: { scope: 'groupChat', ...place, conversation: chat('mixed', [alice, guest]).id },
      alice: { scope: 'personal', ...place, user: alice.aadObjectId },
      private: channelOf('private', 'private'),
      standard: channelOf('standard', 'standard'),
      shared: channelOf('shared', 'shared'),
      visited: channelOf('visited', 'private', [alice, stranger]),
    },
    ...settings,
  });
  const desk = new MemoryDesk();
  const logged: [string, unknown][] = [];
  const note = (message: string, fields?: unknown): void => void logged.push([message, fields]);
  const log = { info: note, warn: note };
  const open = async () => {
    const opened = await teamsChannel(config, { desk, clock: new SystemClock(), log, answerWithinMs: 200 });
    const served = await serve(opened);
    teams.connectBot(served.url);
    return { channel: opened, server: served.server };
  };
  let current = await open();
  return {
    teams,
    desk,
    config,
    logged,
    groupChat,
    get channel() {
      return current.channel;
    },
    restart: async () => {
      current.server.close();
      await current.channel.stop?.();
      current = await open();
    },
    close: async () => {
      current.server.close();
      await current.channel.stop?.();
      await teams.stop();
      await rm(folder, { recursive: true });
    },
  };
};
