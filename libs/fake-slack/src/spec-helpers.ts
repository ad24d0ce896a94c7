import { FakeSlack, type FakeSlackOptions } from './fake-slack.ts';
import type { FakeTeam } from './world.ts';

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

export class StillClock {
  #nowMs = Date.UTC(2026, 10, 20, 3, 0, 0);

  nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

/** A workspace with alice and bob in a private channel. */
export const startSlack = (options: Partial<FakeSlackOptions> = {}): Promise<FakeSlack> =>
  FakeSlack.start({
    teams: [ACME],
    users: [
      { id: 'U0ALICE', team: 'T0ACME' },
      { id: 'U0BOB', team: 'T0ACME' },
      { id: 'U0MALLORY', team: 'T0OTHER' },
    ],
    channels: [
      { id: 'C0PROD', team: 'T0ACME', isPrivate: true, members: ['U0BOT', 'U0ALICE', 'U0BOB'] },
      { id: 'C0OPEN', team: 'T0ACME', members: ['U0BOT', 'U0ALICE'] },
      { id: 'C0AWAY', team: 'T0ACME', members: ['U0ALICE'] },
    ],
    burst: 100,
    ...options,
  });

/** What a method answers; with Slack's `error` where it refuses. */
export const callSlack = async (
  slack: FakeSlack,
  method: string,
  args: object,
  token = ACME.botToken,
): Promise<Readonly<Record<string, unknown>>> => {
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(args),
  });
  if (response.status !== 200) {
    return { status: response.status, retryAfter: response.headers.get('retry-after') };
  }
  return (await response.json()) as Readonly<Record<string, unknown>>;
};
