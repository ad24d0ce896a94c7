import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { endpointsOf, isAllowedServiceUrl, teamsConfig } from './teams-config.ts';

const TENANT = '11111111-1111-4111-8111-111111111111';
const ops = {
  scope: 'groupChat',
  tenant: TENANT,
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  conversation: '19:abc@thread.v2',
};
const good = {
  appId: '22222222-2222-4222-8222-222222222222',
  clientSecretFile: '/run/secrets/teams',
  tenants: [TENANT],
  conversations: { ops },
};

const problemsOf = (given: object): readonly string[] =>
  teamsConfig.safeParse(given).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe("Teams' settings", () => {
  it("reach Microsoft's own endpoints where they name none", () => {
    expect(endpointsOf(teamsConfig.parse(good))).toEqual({
      tokenUrl: 'https://login.microsoftonline.com/botframework.com/oauth2/v2.0/token',
      openIdMetadataUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
      loginUrl: 'https://login.microsoftonline.com/',
      graphUrl: 'https://graph.microsoft.com/',
    });
    expect(endpointsOf(teamsConfig.parse({ ...good, appTenant: TENANT })).tokenUrl).toContain(TENANT);
  });

  const certificate = { certificateFile: '/run/app.pem', privateKeyFile: '/run/app.key' };
  const channel = {
    ...ops,
    scope: 'channel',
    team: '19:team@thread.tacv2',
    conversation: '19:abc@thread.tacv2',
  };

  it('name a secret or a certificate', () => {
    expect(problemsOf({ ...good, clientSecretFile: undefined, certificate })).toEqual([]);
  });

  it('are understood as the example has them, also with what it leaves out', () => {
    const example = new URL('../../../../deploy/teams/settings.example.yaml', import.meta.url);
    const text = readFileSync(example, 'utf8');
    expect(problemsOf(parse(text) as object)).toEqual([]);
    const more = text
      .replace(/^# (certificate:|  certificateFile|  privateKeyFile|askGraph)/gm, '$1')
      .replace(/# (group:)/, '$1')
      .replace(/^clientSecretFile.*$/m, '');
    expect(parse(more)).toMatchObject({ askGraph: true, certificate: {} });
    expect(problemsOf(parse(more) as object)).toEqual([]);
  });

  it('let Graph be asked where they say so', () => {
    expect(teamsConfig.parse(good).askGraph).toBe(false);
    const group = good.appId;
    expect(problemsOf({ ...good, askGraph: true, conversations: { ops: { ...channel, group } } })).toEqual(
      [],
    );
    expect(problemsOf({ ...good, conversations: { ops: channel } })).toEqual([]);
  });

  it.each([
    ['neither a secret nor a certificate', { clientSecretFile: undefined }, 'clientSecretFile'],
    ['both of them', { certificate }, 'clientSecretFile'],
    ['half a certificate', { certificate: { certificateFile: 'x' } }, 'certificate.privateKeyFile'],
    [
      'a channel that Graph is to be asked about by no name',
      { askGraph: true, conversations: { ops: channel } },
      'conversations.ops.group',
    ],
    [
      'a Graph in the clear',
      { endpoints: { ...endpointsOf(teamsConfig.parse(good)), graphUrl: 'http://graph.example/' } },
      'endpoints.graphUrl',
    ],
    ['an unknown member', { secret: 'x' }, ''],
    ['no tenant', { tenants: [] }, 'tenants'],
    ['a service URL in the clear', { serviceUrls: ['http://smba.trafficmanager.net/'] }, 'serviceUrls.0'],
    [
      'a service URL that is no folder',
      { serviceUrls: ['https://smba.trafficmanager.net'] },
      'serviceUrls.0',
    ],
    [
      'a foreign tenant',
      { conversations: { ops: { ...ops, tenant: good.appId } } },
      'conversations.ops.tenant',
    ],
    [
      'a foreign service URL',
      { conversations: { ops: { ...ops, serviceUrl: 'https://evil.example/' } } },
      'conversations.ops.serviceUrl',
    ],
    [
      'a channel that says it is a group chat',
      { conversations: { ops: { ...ops, conversation: '19:abc@thread.tacv2' } } },
      'conversations.ops.conversation',
    ],
  ])('are refused with %s', (_, changes, path) => {
    expect(problemsOf({ ...good, ...changes })).toContain(path);
  });

  const allowed = ['https://smba.trafficmanager.net/'];
  it.each([
    'https://smba.trafficmanager.net.evil.example/',
    'https://smba.trafficmanager.net@evil.example/',
    'https://user@smba.trafficmanager.net/emea/',
    'http://smba.trafficmanager.net/emea/',
    'https://evil.example/https://smba.trafficmanager.net/',
    'smba.trafficmanager.net',
    '',
  ])('allow no service URL but those below the listed ones: %s', (serviceUrl) => {
    expect(isAllowedServiceUrl(allowed, serviceUrl)).toBe(false);
    expect(isAllowedServiceUrl(allowed, 'https://smba.trafficmanager.net/emea')).toBe(true);
    expect(isAllowedServiceUrl(allowed, 'https://smba.trafficmanager.net')).toBe(true);
  });
});
