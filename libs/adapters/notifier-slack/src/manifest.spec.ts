import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { slackConfig } from './config/slack-config.ts';
import { ACTIONS } from './pointer.ts';
import { ACME, delivery, sheet, startWorld, type SlackWorldOfTests } from './spec-helpers.ts';

const read = (name: string) =>
  readFileSync(new URL(`../../../../deploy/slack/${name}`, import.meta.url), 'utf8');

interface Manifest {
  readonly display_information: { readonly name: string; readonly description: string };
  readonly features: { readonly app_home: { readonly messages_tab_enabled: boolean } };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: {
    readonly interactivity: { readonly is_enabled: boolean; readonly request_url?: string };
    readonly socket_mode_enabled: boolean;
    readonly token_rotation_enabled: boolean;
  };
}

const manifestOf = (name: string) => JSON.parse(read(name)) as Manifest;
const manifest = manifestOf('manifest.json');
const socketManifest = manifestOf('manifest.socket-mode.json');

const SCOPES = manifest.oauth_config.scopes.bot;

/** All that the adapter asks of Slack, in channels of each kind. */
const everything = async (running: SlackWorldOfTests): Promise<void> => {
  const { channel, slack } = running;
  for (const name of ['slack:#prod', 'slack:#open', 'slack:#direct']) {
    const message = await channel.notifier.post(delivery(sheet, name, true));
    await channel.notifier.update({ ...delivery(sheet), message });
    await channel.notifier.remind({ ...delivery(sheet), message });
  }
  await slack.clickButton(slack.messages('C0PROD')[0]!, ACTIONS.approve, 'U0ALICE');
  await slack.submitView(slack.viewOf('U0ALICE')!, { reason: 'Seen.' });
  await slack.until(() => slack.ephemerals('U0ALICE').at(-1));
  await slack.clickButton(slack.messages('C0OPEN')[0]!, ACTIONS.read, 'U0BOB');
  await slack.submitView(slack.viewOf('U0BOB')!, { reason: 'Seen.', decision: 'deny' });
  await slack.until(() => slack.calls.find(({ args }) => args['channel'] === 'U0BOB'));
};

describe("the app's manifest", () => {
  it('asks for the scopes that are used, and for no more', async () => {
    const world = await startWorld({}, [{ ...ACME, scopes: SCOPES }]);
    try {
      await everything(world);
    } finally {
      await world.stop();
    }
    const used = new Set(world.slack.calls.flatMap(({ scope }) => (scope === '' ? [] : [scope])));
    expect([...used].toSorted()).toEqual(SCOPES.toSorted());
    expect(world.slack.calls.filter(({ answer }) => answer !== 'ok')).toMatchObject([
      { method: 'chat.postEphemeral', answer: 'user_not_in_channel' },
    ]);
  });

  it('sends clicks where they are received', () => {
    expect(manifest.settings.interactivity).toMatchObject({
      is_enabled: true,
      request_url: expect.stringMatching(/^https:.*\/v1\/slack\/interactions$/),
    });
  });

  it('has the tab in which people read what the app tells them directly', () => {
    expect(manifest.features.app_home.messages_tab_enabled).toBe(true);
  });

  it('keeps its bot token: a rotated one would not be read again', () => {
    expect(manifest.settings.token_rotation_enabled).toBe(false);
  });

  it('for Socket Mode differs in how clicks come, and in nothing else', () => {
    expect(socketManifest.settings).toMatchObject({
      socket_mode_enabled: true,
      interactivity: { is_enabled: true },
    });
    expect({ ...socketManifest, settings: manifest.settings }).toEqual(manifest);
  });

  it("keeps to Slack's lengths", () => {
    expect(manifest.display_information.name.length).toBeLessThanOrEqual(35);
    expect(manifest.display_information.description.length).toBeLessThanOrEqual(140);
  });
});

describe('the example of settings', () => {
  it('is understood', () => {
    expect(slackConfig.safeParse(parse(read('settings.example.yaml'))).success).toBe(true);
  });
});
