import { describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.ts';
import { readConfig } from './read-config.ts';
import { redactedConfig } from './redacted-config.ts';
import { requestLinkTo } from './request-link.ts';

const configOf = (link?: string) =>
  readConfig({
    COUNTERSIGN_MODE: 'development',
    ...(link !== undefined && { COUNTERSIGN_REQUEST_LINK: link }),
  });

const refused = (link: string): unknown => {
  try {
    return configOf(link).requestLink;
  } catch (error) {
    return error;
  }
};

const CONSOLE = 'https://console.acme.example/requests/{id}';

describe('COUNTERSIGN_REQUEST_LINK', () => {
  it.each([
    CONSOLE,
    'https://console.acme.example:8443/?request={id}&from=card#top',
    'https://console.acme.example/#/requests/{id}/card',
    'http://localhost:3000/requests/{id}',
    'http://127.0.0.1/{id}',
    'http://[::1]:3000/{id}',
    `https://console.acme.example/${'x'.repeat(467)}{id}`,
  ])('takes %s', (link) => {
    expect(configOf(link).requestLink).toBe(link);
  });

  it('is needed by nobody', () => {
    expect(configOf().requestLink).toBeUndefined();
    expect(configOf('').requestLink).toBeUndefined();
  });

  it('is printed as it is at the start', () => {
    expect(redactedConfig(configOf(CONSOLE))).toMatchObject({ requestLink: CONSOLE });
  });

  it.each([
    ['no {id}', 'https://console.acme.example/requests', '{id}'],
    ['two of them', `${CONSOLE}/{id}`, '{id}'],
    ['another place to fill', `${CONSOLE}/{name}`, '{ }'],
    ['plain http beyond loopback', 'http://console.acme.example/{id}', 'https'],
    ['another scheme', 'javascript:alert("{id}")', '%'],
    ['another scheme with a host', 'ftp://console.acme.example/{id}', 'https'],
    ['a name in it', 'https://u@console.acme.example/{id}', 'name'],
    ['a name and a password in it', 'https://u:hush@console.acme.example/{id}', 'name'],
    ['an id for a host', 'https://{id}.acme.example/', 'behind its host'],
    ['an id for a name', 'https://{id}@acme.example/', 'behind its host'],
    ['an id for a port', 'https://acme.example:{id}/', 'behind its host'],
    ['no host', 'https:///{id}', 'behind its host'],
    ['a port that is none', 'https://acme.example:99999/{id}', 'behind its host'],
    ['a space', 'https://console.acme.example/a b/{id}', '%'],
    ['a line end', 'https://console.acme.example/\n{id}', '%'],
    ['a quote', 'https://console.acme.example/"{id}"', '%'],
    ['letters beyond ASCII', 'https://console.аcme.example/{id}', '%'],
    ['a template of templates', 'https://console.acme.example/${{id}}', '{ }'],
    ['more than a card has room for', `https://console.acme.example/${'x'.repeat(468)}{id}`, '500'],
  ])('refuses %s and says what to change', (_, link, hint) => {
    const error = refused(link);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({
      field: 'COUNTERSIGN_REQUEST_LINK',
      message: expect.stringContaining(hint) as string,
    });
  });

  it('never tells a password that it refuses', () => {
    expect(String(refused('https://u:hush@console.acme.example/{id}'))).not.toContain('hush');
  });
});

describe('the link to a request', () => {
  it('holds its id, encoded', () => {
    expect(requestLinkTo(CONSOLE, '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11')).toBe(
      'https://console.acme.example/requests/5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11',
    );
    expect(requestLinkTo(CONSOLE, '../x?y#z "$&{id}')).toBe(
      'https://console.acme.example/requests/..%2Fx%3Fy%23z%20%22%24%26%7Bid%7D',
    );
  });
});
