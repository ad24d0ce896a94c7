import { SERVICE_NAMES } from '@countersign/kernel';
import { SETTING_NAMES } from '@countersign/service-host';
import { describe, expect, it } from 'vitest';
import { channelFiles, chatValues, channelMountsOf as mountsOf } from './chat-values.ts';
import {
  NEEDED,
  named,
  networkPolicyOf,
  readAnnotations,
  readPod,
  readSettings,
  routesOf,
} from './read-chart.ts';
import { renderChart, renderNotes, type Manifest } from './render-chart.ts';
import { unknownMembers, validate } from './validate-manifest.ts';

const { slack, teams } = chatValues;

const withChannels = (given: object): readonly Manifest[] => renderChart({ ...NEEDED, notification: given });
const off = renderChart(NEEDED);
const on = withChannels(chatValues);
const slackWith = (settings: object) => ({
  slack: { ...slack, settings: { ...slack.settings, ...settings } },
});
const [workspace] = slack.settings.workspaces;
const socketMode = slackWith({
  workspaces: [
    {
      teamId: workspace?.teamId,
      botTokenFile: workspace?.botTokenFile,
      appTokenFile: '/run/countersign/slack/app-token',
    },
  ],
});

const portsOut = (among: readonly Manifest[], service: string) =>
  networkPolicyOf(among, service).egress.flatMap(({ ports }) => ports.map(({ port }) => port));

describe('chat, where no value names it,', () => {
  it('is off: nothing is mounted, set, routed or let out for it', () => {
    expect(off.filter(({ metadata }) => metadata.name === 'cs-channels')).toEqual([]);
    expect(mountsOf(off)).toEqual([]);
    expect([...readSettings(off, 'notification').keys()].join()).not.toMatch(/SLACK|TEAMS|REQUEST_LINK/);
    expect(readAnnotations(off, 'notification')).toEqual({});
    expect(JSON.stringify(routesOf(off))).not.toContain('notification');
    expect(portsOut(off, 'notification')).toEqual([53, 53, 4222, 2113]);
  });
});

describe('chat, where values give its settings,', () => {
  it('is made of what Kubernetes allows and knows', async () => {
    for (const manifest of on) await validate(manifest);
    expect(unknownMembers(on)).toEqual([]);
  }, 60_000);

  it('has each platform told the file of its settings, which the ConfigMap holds', () => {
    expect(Object.keys(channelFiles(on))).toEqual(['slack.yaml', 'teams.yaml']);
    expect(mountsOf(on)[0]).toEqual({
      name: 'channels',
      mountPath: '/run/countersign/channels',
      readOnly: true,
    });
    const settings = readSettings(on, 'notification');
    expect(settings.get('COUNTERSIGN_SLACK')).toBe('/run/countersign/channels/slack.yaml');
    expect(settings.get('COUNTERSIGN_TEAMS')).toBe('/run/countersign/channels/teams.yaml');
    const { volumes } = readPod(on, 'notification');
    expect(volumes).toContainEqual({ name: 'channels', configMap: { name: 'cs-channels' } });
  });

  it.each([
    ['slack', slack.existingSecret],
    ['teams', teams.existingSecret],
  ])(
    "mounts every key of %s's Secret so that the adapter takes it: nobody but the pod's group reads it",
    (name, secret) => {
      const pod = readPod(on, 'notification');
      const volume = pod.volumes.find((each) => each.name === name);
      expect(volume?.secret).toEqual({ secretName: secret, defaultMode: 0o440 });
      expect(pod.securityContext).toMatchObject({ runAsUser: 10001, fsGroup: 10001 });
      expect(mountsOf(on)).toContainEqual({ name, mountPath: `/run/countersign/${name}`, readOnly: true });
    },
  );

  it('gives no setting that there is none of', () => {
    const names = [...readSettings(on, 'notification').keys()];
    expect(names.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
  });

  it("is notification's alone", () => {
    for (const service of SERVICE_NAMES.filter((name) => name !== 'notification')) {
      expect(named(on, 'Deployment', service)).toEqual(named(off, 'Deployment', service));
      expect(networkPolicyOf(on, service)).toEqual(networkPolicyOf(off, service));
    }
  });

  it('may be one platform without the other', () => {
    const alone = withChannels({ teams });
    expect(mountsOf(alone).map(({ name }) => name)).toEqual(['channels', 'teams']);
    expect(readSettings(alone, 'notification').has('COUNTERSIGN_SLACK')).toBe(false);
    expect(Object.keys(channelFiles(alone))).toEqual(['teams.yaml']);
  });

  it('rolls its pods over where settings change, and only there', () => {
    const sumOf = (among: readonly Manifest[]) => readAnnotations(among, 'notification')['checksum/channels'];
    expect(sumOf(on)).toMatch(/^[0-9a-f]{64}$/);
    expect(sumOf(withChannels(chatValues))).toBe(sumOf(on));
    const channels = { '#prod': { team: 'T0ACME01', channel: 'C0PROD02' } };
    expect(sumOf(withChannels({ ...chatValues, ...slackWith({ channels }) }))).not.toBe(sumOf(on));
  });

  it('lets in the one path of each platform that calls, and no other', () => {
    expect(routesOf(on).filter(({ service }) => service === 'notification')).toEqual([
      { path: '/v1/slack/interactions', pathType: 'Exact', service: 'notification' },
      { path: '/v1/teams/messages', pathType: 'Exact', service: 'notification' },
    ]);
    expect(JSON.stringify(networkPolicyOf(on, 'notification').ingress)).toContain('ingress-nginx');
  });

  it('lets nothing in for Socket Mode, which calls out', () => {
    const among = withChannels(socketMode);
    expect(JSON.stringify(routesOf(among))).not.toContain('notification');
    expect(JSON.stringify(networkPolicyOf(among, 'notification').ingress)).not.toContain('ingress-nginx');
    expect(portsOut(among, 'notification')).toContain(443);
  });

  it('lets notification out to the platforms, and to no address inside', () => {
    expect(portsOut(on, 'notification')).toEqual([53, 53, 4222, 2113, 443]);
    const [toPlatforms] = networkPolicyOf(on, 'notification').egress.slice(-1);
    expect(toPlatforms?.to).toEqual([
      {
        ipBlock: {
          cidr: '0.0.0.0/0',
          except: expect.arrayContaining([
            '10.0.0.0/8',
            '169.254.0.0/16',
            '172.16.0.0/12',
            '192.168.0.0/16',
          ]) as unknown,
        },
      },
    ]);
  });

  it('says what the platforms are to be told', () => {
    expect(renderNotes({ ...NEEDED, notification: chatValues })).toContain(
      'https://countersign.example/v1/slack/interactions',
    );
    expect(renderNotes({ ...NEEDED, notification: chatValues })).toContain(
      'https://countersign.example/v1/teams/messages',
    );
    expect(renderNotes({ ...NEEDED, notification: socketMode })).not.toContain('/v1/');
  });

  it('has cards link to what the value says', () => {
    const among = withChannels({ requestLink: 'https://ops.example/requests/{id}' });
    expect(readSettings(among, 'notification').get('COUNTERSIGN_REQUEST_LINK')).toBe(
      'https://ops.example/requests/{id}',
    );
    expect(named(among, 'Deployment', 'policy')).toEqual(named(off, 'Deployment', 'policy'));
  });
});

describe('what values get wrong', () => {
  const without = { existingSecret: '' };
  it.each([
    ['settings without a Secret', { slack: { ...slack, ...without } }, /notification\.slack\.existingSecret/],
    ['settings without a Secret', { teams: { ...teams, ...without } }, /notification\.teams\.existingSecret/],
    ['a Secret without settings', { teams: { ...teams, settings: {} } }, /notification\.teams\.settings/],
    [
      'a token in place of its file',
      slackWith({ workspaces: [{ ...workspace, botToken: 'hush' }] }),
      /secret stands/,
    ],
    ['a token where a file is named', slackWith({ note: 'xoxb-1234-abc' }), /secret stands/],
    ['a token of an app', slackWith({ note: 'xapp-1-abc' }), /secret stands/],
    [
      'the secret of the app',
      { teams: { ...teams, settings: { ...teams.settings, clientSecret: 'hush' } } },
      /secret stands/,
    ],
    [
      'a private key',
      { teams: { ...teams, settings: { ...teams.settings, key: '-----BEGIN PRIVATE KEY-----' } } },
      /secret stands/,
    ],
    [
      'a file that no key of the Secret is',
      slackWith({ workspaces: [{ ...workspace, botTokenFile: '/run/secrets/bot-token' }] }),
      /botTokenFile/,
    ],
    [
      'a file of the other platform',
      { teams: { ...teams, settings: { ...teams.settings, clientSecretFile: '/run/countersign/slack/x' } } },
      /clientSecretFile/,
    ],
    [
      'a key of a certificate that no key of the Secret is',
      {
        teams: { ...teams, settings: { ...teams.settings, certificate: { privateKeyFile: '/run/key.pem' } } },
      },
      /privateKeyFile/,
    ],
    ['a link to no request', { requestLink: 'https://ops.example/requests' }, /requestLink/],
    ['a link that is none', { requestLink: 'javascript:alert(1)//{id}' }, /requestLink/],
  ])('is refused, and said: %s', (_, given, message) => {
    expect(() => withChannels(given)).toThrow(message);
  });

  it('is not what stands in the name of a channel', () => {
    const channels = { '#xapp-team': slack.settings.channels['#prod'] };
    expect(() => withChannels(slackWith({ channels }))).not.toThrow();
  });
});
