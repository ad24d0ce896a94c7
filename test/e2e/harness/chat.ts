import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeSlack, type FakeTeam } from '@countersign/fake-slack';
import { FakeTeams, type FakeConversation, type FakePerson, type Rate } from '@countersign/fake-teams';
import { parse, stringify } from 'yaml';

export const WORKSPACE: FakeTeam = {
  id: 'T0ACME',
  botToken: 'xoxb-acme-hush',
  botId: 'B0ACME',
  botUserId: 'U0BOT',
  signingSecret: 'acme-signing-hush',
  scopes: ['chat:write', 'groups:read', 'groups:history', 'channels:read', 'channels:history', 'users:read'],
};

/** In Slack, where they are in no workspace of ours, a guest, a bot, or known to nobody. */
const SLACK_USERS = ['alice', 'bob', 'carol', 'dave', 'nobody'];
export const slackUser = (name: string): string => `U0${name.toUpperCase()}`;

export const PROD = 'C0PROD';
export const TENANT = '11111111-1111-4111-8111-111111111111';

const teamsPerson = (name: string, nth: number): FakePerson => ({
  aadObjectId: `aaaaaaaa-0000-4000-8000-00000000000${nth}`,
  name,
  tenantId: TENANT,
  userRole: 'user',
});

const NAMES = ['alice', 'bob', 'carol', 'dave', 'nobody'] as const;
export type Name = (typeof NAMES)[number];

/** In Teams. */
export const PEOPLE = Object.fromEntries(NAMES.map((name, nth) => [name, teamsPerson(name, nth)])) as Record<
  Name,
  FakePerson
>;

/** Whom acme's directory links. */
const LINKED = ['alice', 'bob', 'carol', 'dave'];

interface DirectoryFile {
  readonly persons: { readonly id: string; channels?: object[] }[];
}

const NOTIFY = '@notify("slack:#prod teams:ops")';

export interface ChatOptions {
  readonly rates?: readonly Rate[];
  /** Messages that a Slack channel takes at once. */
  readonly burst?: number;
  /**
   * How much longer Slack's seconds are, for what has to happen within them on a busy machine; 10 unless told.
   * Signatures bear its time, so whoever runs for five minutes needs 1.
   */
  readonly patience?: number;
}

/** A Slack and a Teams of our own with acme's people, and the settings that lead there. */
export class Chat {
  readonly slack: FakeSlack;
  readonly teams: FakeTeams;
  readonly ops: FakeConversation;
  readonly #folder = mkdtempSync(join(tmpdir(), 'countersign-chat-'));
  readonly #env: Readonly<Record<'COUNTERSIGN_SLACK' | 'COUNTERSIGN_TEAMS', string>>;

  #gone: Promise<void> | undefined;

  private constructor(slack: FakeSlack, teams: FakeTeams) {
    this.slack = slack;
    this.teams = teams;
    this.ops = teams.conversations.add(
      { id: '19:ops@thread.v2', scope: 'groupChat', tenantId: TENANT },
      Object.values(PEOPLE),
    );
    this.#env = {
      COUNTERSIGN_SLACK: this.#write('slack.json', JSON.stringify(this.#slackSettings())),
      COUNTERSIGN_TEAMS: this.#write('teams.json', JSON.stringify(this.#teamsSettings())),
    };
  }

  static async start({ rates = [], burst = 10_000, patience = 10 }: ChatOptions = {}): Promise<Chat> {
    const startMs = Date.now();
    const slack = await FakeSlack.start({
      teams: [WORKSPACE],
      users: SLACK_USERS.map((name) => ({ id: slackUser(name), team: WORKSPACE.id })),
      channels: [
        {
          id: PROD,
          team: WORKSPACE.id,
          isPrivate: true,
          members: [WORKSPACE.botUserId, ...SLACK_USERS.map(slackUser)],
        },
      ],
      clock: { nowMs: () => startMs + (Date.now() - startMs) / patience },
      burst,
      ackWithinMs: 3_000 * patience,
    });
    return new Chat(slack, await FakeTeams.start({ rates }));
  }

  /** What a process is told. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** Whatever people do from now on goes there. */
  connect(address: string): void {
    this.slack.interactTo(`${address}/v1/slack/interactions`);
    this.teams.connectBot(`${address}/v1/teams/messages`);
  }

  /** Links acme's people, and has its policies tell both. */
  readonly editPolicies = (folder: string): void => {
    const directory = join(folder, 'directory.yaml');
    const file = parse(readFileSync(directory, 'utf8')) as DirectoryFile;
    for (const person of file.persons) {
      if (LINKED.includes(person.id)) person.channels = channelsOf(person.id as Name);
    }
    writeFileSync(directory, stringify(file));
    for (const name of readdirSync(folder).filter((each) => each.endsWith('.cedar'))) {
      const path = join(folder, name);
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll('@notify("log")', NOTIFY));
    }
  };

  /** Nobody reaches them any more: whoever calls is refused the connection. */
  goAway(): Promise<void> {
    this.#gone ??= Promise.all([this.slack.stop(), this.teams.stop()]).then(() => undefined);
    return this.#gone;
  }

  async stop(): Promise<void> {
    await this.goAway();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #slackSettings(): object {
    return {
      workspaces: [
        {
          teamId: WORKSPACE.id,
          botTokenFile: this.#write('bot-token', WORKSPACE.botToken),
          signingSecretFile: this.#write('signing-secret', WORKSPACE.signingSecret),
        },
      ],
      channels: { '#prod': { team: WORKSPACE.id, channel: PROD } },
      apiUrl: this.slack.apiUrl,
    };
  }

  #teamsSettings(): object {
    const { appId, appSecret, serviceUrl, endpoints } = this.teams;
    return {
      appId,
      clientSecretFile: this.#write('client-secret', appSecret),
      tenants: [TENANT],
      serviceUrls: [serviceUrl],
      conversations: {
        ops: { scope: 'groupChat', tenant: TENANT, serviceUrl, conversation: this.ops.id },
      },
      endpoints,
    };
  }

  #write(name: string, content: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
}

const channelsOf = (name: Name): object[] => [
  { channel: 'slack', tenant: WORKSPACE.id, user: slackUser(name) },
  { channel: 'teams', tenant: TENANT, user: PEOPLE[name].aadObjectId },
];
