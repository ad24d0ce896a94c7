import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeServer } from '@countersign/client/fake-server';
import { DEVELOPMENT_ISSUER, keysFolderOf, loadOrCreateKey } from '@countersign/keys-file';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentOf } from './environment.ts';
import { runCli } from './program.ts';

const ASKED = ['--action', 'data.export', '--resource', 'Dataset/customers', '--reason', 'report'];
const ACME = join(import.meta.dirname, '../../../deploy/samples/acme');

let server: FakeServer;
let folder: string;

beforeEach(async () => {
  server = await FakeServer.start();
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const cli = async (principal: string, ...argv: readonly string[]) => {
  const said = { out: '', err: '' };
  const terminal = {
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    errIsTty: false,
  };
  const environment = environmentOf({
    COUNTERSIGN_URL: server.baseUrl,
    COUNTERSIGN_TOKEN: principal === '' ? undefined : server.tokenFor(principal),
    COUNTERSIGN_DATA: folder,
  });
  return { status: await runCli(argv, terminal, environment), ...said };
};

const agent = async (...argv: readonly string[]) => cli('Agent::"etl-bot"', ...argv);
const alice = async (...argv: readonly string[]) => cli('User::"alice"', ...argv);

const submitted = async (): Promise<string> => {
  await agent('request', ...ASKED);
  return server.requests[0]!.id;
};

describe('countersign', () => {
  it('asks, lists, shows, and decides', async () => {
    const asked = await agent('request', ...ASKED, '--json');
    const { id, digest } = JSON.parse(asked.out) as { id: string; digest: string };
    expect(asked.status).toBe(0);
    const listed = await alice('reviews');
    expect(listed.out).toContain(id);
    const shown = await alice('show', id);
    expect(shown.out).toContain(digest);
    const approved = await alice('approve', id, '--reason', 'fine');
    expect(approved).toMatchObject({ status: 0, err: '' });
    expect(approved.out).toContain('The request is now approved.');
    expect((await alice('reviews')).out).toBe('Nothing waits for your decision.\n');
  });

  it('tells a script by its status how a request ended', async () => {
    const id = await submitted();
    await alice('deny', id, '--reason', 'no');
    const repeated = await agent('watch', id);
    expect(repeated).toMatchObject({ status: 10, out: `${id}  denied\n` });
  });

  it('follows a request to its end, a line a change', async () => {
    const id = await submitted();
    const watching = agent('watch', id, '--json');
    const [request] = server.requests;
    for (const status of ['approved', 'redeemed', 'failed'] as const) {
      await expect.poll(() => server.calls.at(-1)?.method).toBe('GET');
      request!.moveTo(status);
    }
    const { status, out } = await watching;
    const seen = out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { status: string }).status);
    expect(seen.at(-1)).toBe('failed');
    expect(status).toBe(18);
  });

  it('takes requests and approvals back', async () => {
    const id = await submitted();
    expect((await agent('cancel', id)).out).toContain('cancelled');
    const revoked = await alice('revoke', id, '--reason', 'changed my mind', '--json');
    expect(JSON.parse(revoked.out)).toMatchObject({ grantId: id });
  });

  it('refuses to decide on another action than the one that was seen', async () => {
    const id = await submitted();
    const other = await alice('approve', id, '--reason', 'fine', '--digest', 'A'.repeat(43), '--json');
    expect(other.status).toBe(16);
    expect(JSON.parse(other.err)).toMatchObject({ error: { code: 'digest_mismatch', status: 409 } });
  });

  it.each([
    [
      'a decision by an agent',
      16,
      'not_human',
      async () => agent('approve', await submitted(), '--reason', 'me'),
    ],
    ['a request that is not there', 17, 'not_found', async () => agent('show', 'nothing')],
    ['a call without a token', 2, 'no_token', async () => cli('', 'reviews')],
    ['an address that is none', 2, 'invalid_base_url', async () => agent('reviews', '--url', 'ftp://x')],
    ['a resource without a type', 2, 'usage', async () => agent('request', ...ASKED, '--resource', 'x')],
    ['an empty reason', 2, 'invalid_field', async () => agent('request', ...ASKED, '--reason', '')],
    [
      'a token outside development',
      2,
      'no_development_issuer',
      async () => cli('', 'token', '--as', 'alice'),
    ],
  ] satisfies [string, number, string, () => ReturnType<typeof agent>][])(
    'answers %s with %i',
    async (_, status, code, act) => {
      const result = await act();
      expect(result).toMatchObject({ status, out: '' });
      expect(result.err).toContain(`code ${code}`);
    },
  );

  it.each([[['nonsense']], [['show']], [['request']], [['show', 'x', '--nonsense']], [[]]])(
    'answers wrong usage %j with 2',
    async (argv) => {
      expect(await agent(...argv)).toMatchObject({ status: 2, out: '' });
    },
  );

  it('prints the exit codes with its help', async () => {
    const { status, out } = await agent('--help');
    expect(status).toBe(0);
    expect(out).toMatch(/^ {3}15 {2}what was bound has changed/m);
  });
});

describe('countersign token', () => {
  beforeEach(() => void loadOrCreateKey(keysFolderOf(folder), DEVELOPMENT_ISSUER.keyName));

  it('prints a development token, and nothing else', async () => {
    const argv = ['token', '--as', 'Agent::"etl-bot"', '--initiator', 'carol', '--ttl', '10m'];
    const { status, out, err } = await cli('', ...argv);
    const { sub, act, exp = 0, iat = 0 } = decodeJwt(out.trim());
    expect({ status, err, sub, act, life: exp - iat }).toEqual({
      status: 0,
      err: '',
      sub: 'Agent::"etl-bot"',
      act: { sub: 'User::"carol"' },
      life: 600,
    });
  });

  it('is what --as uses for each call', async () => {
    const { status, err } = await cli('', 'reviews', '--as', 'alice');
    expect(status).toBe(16);
    expect(err).toContain('token_invalid');
  });
});

describe('countersign policy', () => {
  it('accepts the sample set, and its tests pass', async () => {
    expect(await cli('', 'policy', 'check', ACME)).toMatchObject({ status: 0, err: '' });
    expect((await cli('', 'policy', 'test', ACME)).status).toBe(0);
  });

  it('says file and line of what is wrong, and exits with 3', async () => {
    writeFileSync(join(folder, 'broken.cedar'), 'permit (principal, action, resource);\n');
    const result = await cli('', 'policy', 'check', folder);
    expect(result.status).toBe(3);
    expect(result.err).toContain(join(folder, 'directory.yaml'));
    const json = await cli('', 'policy', 'check', folder, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ valid: false });
  });

  it('says which folder it can’t read', async () => {
    const result = await cli('', 'policy', 'check', join(folder, 'nowhere'));
    expect(result).toMatchObject({ status: 2, out: '' });
    expect(result.err).toContain('code policy_folder_unreadable');
  });

  it('activates a folder in place of the active set, and shows it', async () => {
    const before = server.policySet.digest;
    const activated = await cli('User::"carol"', 'policy', 'activate', ACME, '--json');
    expect(JSON.parse(activated.out)).toMatchObject({ replaces: before });
    const shown = await alice('policy', 'show');
    expect(shown.out).toContain('directory.yaml');
  });

  it('refuses to replace another set than the named one', async () => {
    const result = await cli('User::"carol"', 'policy', 'activate', ACME, '--replaces', 'A'.repeat(43));
    expect(result.status).toBe(16);
    expect(result.err).toContain('code policy_set_changed');
  });

  it('activates nothing that is invalid', async () => {
    const result = await cli('User::"carol"', 'policy', 'activate', folder);
    expect(result.status).toBe(3);
    expect(server.calls).toEqual([]);
  });
});
