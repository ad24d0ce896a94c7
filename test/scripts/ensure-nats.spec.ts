import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureNats } from '../../scripts/ensure-nats.mjs';
import { installNats } from '../../scripts/lib/install-nats.mjs';

let bin: string;
const log = () =>
  existsSync(join(bin, 'log')) ? readFileSync(join(bin, 'log'), 'utf8').trim().split('\n') : [];

/** Puts a program first on PATH that notes how it was called and then does what `body` says. */
const program = (name: string, body: string): void =>
  writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${bin}/log"\n${body}\n`, { mode: 0o755 });

const makeServer =
  'printf "#!/bin/sh\\n" >"$0-server"; mv "$0-server" "$(dirname "$0")/nats-server"; chmod +x "$(dirname "$0")/nats-server"';

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'countersign-bin-'));
  vi.stubEnv('PATH', [bin, '/usr/bin', '/bin'].join(delimiter));
  vi.stubEnv('NATS_URL', '');
  vi.spyOn(console, 'log').mockImplementation(() => {});
  for (const name of ['apt-get', 'brew', 'docker']) program(name, 'exit 1');
  program('systemctl', 'exit 0');
  program('sudo', 'shift; exec "$@"');
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(bin, { recursive: true, force: true });
});

describe('a NATS server', () => {
  it('that NATS_URL names is used, and nothing is looked for', async () => {
    vi.stubEnv('NATS_URL', 'nats://127.0.0.1:4222');
    expect(await ensureNats()).toEqual({});
    expect(log()).toEqual([]);
  });

  it('on PATH is used, and nothing is installed', async () => {
    program('nats-server', '');
    expect(await ensureNats()).toEqual({ COUNTERSIGN_NATS_SERVER: join(bin, 'nats-server') });
    expect(log()).toEqual([]);
  });

  it('comes from apt, with the package lists fetched only when the package is not found', async () => {
    program(
      'apt-get',
      `case $* in *update) touch "${bin}/lists";; *) [ -e "${bin}/lists" ] || exit 100; ${makeServer};; esac`,
    );
    expect(await installNats()).toBe(join(bin, 'nats-server'));
    const calls = log().filter((line) => line.startsWith('apt-get'));
    expect(calls.map((line) => line.replace('apt-get -q ', ''))).toEqual([
      'install -y --no-install-recommends nats-server',
      'update',
      'install -y --no-install-recommends nats-server',
    ]);
  });

  it('comes from Homebrew where apt has none', async () => {
    program('brew', makeServer);
    expect(await installNats()).toBe(join(bin, 'nats-server'));
  });

  it('runs in Docker where no package is to be had', async () => {
    program('docker', 'exit 0');
    expect(await installNats()).toMatch(/\/scripts\/nats-server-in-docker\.sh$/);
  });

  it('that cannot be had is asked for in one sentence, with what was tried', async () => {
    await expect(installNats()).rejects.toThrow(
      /^Countersign needs a NATS server: install nats-server .*NATS_URL\.\n.*apt-get|brew/,
    );
  });
});

describe('nats-server in Docker', () => {
  it('sees the folders of the paths it is given under their own names', async () => {
    const { run } = await import('../../scripts/lib/run.mjs');
    program('docker', '');
    const config = join(bin, 'nats.conf');
    writeFileSync(config, '');
    const script = new URL('../../scripts/nats-server-in-docker.sh', import.meta.url).pathname;
    await run(script, ['--config', config, '--addr', '127.0.0.1']);
    const [call] = log();
    expect(call).toContain(`-v ${bin}:${bin} `);
    expect(call).toMatch(/ --entrypoint nats-server \S+ --config \S+nats\.conf --addr 127\.0\.0\.1$/);
  });
});
