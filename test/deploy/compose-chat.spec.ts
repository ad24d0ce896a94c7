import { execFile } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SystemClock } from '@countersign/kernel';
import type { ClickDesk } from '@countersign/notifier';
import { slackChannel, slackConfig } from '@countersign/notifier-slack';
import { teamsChannel, teamsConfig } from '@countersign/notifier-teams';
import { readSettingsFile, SILENT_LOGGER } from '@countersign/service-host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { composeFile, composeService } from './compose-file.ts';

const root = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

const bind = z.strictObject({
  type: z.literal('bind'),
  source: z.string(),
  target: z.string(),
  read_only: z.boolean(),
  bind: z.strictObject({ create_host_path: z.boolean() }),
});
const overrideSchema = z.strictObject({
  services: z.record(z.string(), z.looseObject({ volumes: z.array(z.union([z.string(), bind])) })),
  volumes: z.record(z.string(), z.unknown()),
});

describe('docker-compose.yml alone', () => {
  it('has no chat', () => {
    expect(Object.keys(composeService('notification').environment).join()).not.toMatch(/SLACK|TEAMS/);
    expect(Object.keys(composeFile.services).join()).not.toMatch(/slack|teams/);
  });

  it('lets a call in that the services take: of a chat platform 256 KiB', () => {
    const [, kib] = /client_max_body_size (\d+)k;/.exec(textOf('deploy/compose/nginx/nginx.conf')) ?? [];
    expect(Number(kib)).toBeGreaterThan(256);
  });
});

describe.each(['slack', 'teams'])('docker-compose.yml with deploy/compose/%s.yml', (kind) => {
  const { services, volumes } = overrideSchema.parse(parse(textOf(`deploy/compose/${kind}.yml`)));
  const NAME = kind.toUpperCase();

  it('gives notification the settings and the secrets as files, and nobody else anything', () => {
    expect(Object.keys(services)).toEqual([`${kind}-setup`, 'notification']);
    expect(services['notification']).toEqual({
      environment: {
        [`COUNTERSIGN_${NAME}`]: `/run/countersign/${kind}/settings.yaml`,
        COUNTERSIGN_REQUEST_LINK: '${COUNTERSIGN_REQUEST_LINK:-}',
      },
      depends_on: { [`${kind}-setup`]: { condition: 'service_completed_successfully' } },
      volumes: [`notification-${kind}:/run/countersign/${kind}:ro`],
    });
    expect(volumes).toEqual({ [`notification-${kind}`]: null });
  });

  it('has them copied by who has no network, out of a folder that has to be named and to be there', () => {
    const { setup } = composeFile.services;
    const { volumes: mounts, ...copying } = services[`${kind}-setup`] ?? {};
    expect(copying).toEqual({
      image: setup?.image,
      command: ['node', 'deploy/compose/setup/channel.mjs', '/from', '/to', '10001'],
      depends_on: { setup: { condition: 'service_completed_successfully' } },
      restart: 'no',
      user: setup?.user,
      network_mode: 'none',
      read_only: true,
      cap_drop: setup?.cap_drop,
      cap_add: setup?.cap_add,
      security_opt: setup?.security_opt,
      tmpfs: setup?.['tmpfs'],
      deploy: setup?.deploy,
    });
    expect(mounts).toEqual([
      {
        type: 'bind',
        source: expect.stringMatching(
          new RegExp(`^\\$\\{COUNTERSIGN_${NAME}_FOLDER:\\?Name .*\\}$`),
        ) as string,
        target: '/from',
        read_only: true,
        bind: { create_host_path: false },
      },
      `notification-${kind}:/to`,
    ]);
  });
});

describe('what copies the files of a chat platform', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-channel-'));
    for (const name of ['from', 'to']) mkdirSync(join(folder, name));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (name: string, text: string, mode = 0o600): void => {
    writeFileSync(join(folder, 'from', name), text);
    chmodSync(join(folder, 'from', name), mode);
  };
  const copy = () =>
    promisify(execFile)(process.execPath, [
      join(root, 'deploy/compose/setup/channel.mjs'),
      join(folder, 'from'),
      join(folder, 'to'),
    ]);
  const copied = () => readdirSync(join(folder, 'to')).toSorted();

  it("makes each its reader's alone, whoever wrote it, and prints none", async () => {
    write('settings.yaml', 'a: 1', 0o644);
    write('bot-token', 'hush');
    write('.bot-token.swp', 'hush', 0o644);
    const { stdout, stderr } = await copy();
    expect(copied()).toEqual(['bot-token', 'settings.yaml']);
    for (const name of copied()) expect(statSync(join(folder, 'to', name)).mode & 0o777).toBe(0o400);
    expect(statSync(join(folder, 'to')).mode & 0o777).toBe(0o700);
    expect(stdout + stderr).not.toContain('hush');
  });

  it('follows what changes, and takes away what is gone', async () => {
    write('settings.yaml', 'a: 1');
    write('app-token', 'old');
    await copy();
    rmSync(join(folder, 'from', 'app-token'));
    write('settings.yaml', 'a: 2');
    await copy();
    expect(copied()).toEqual(['settings.yaml']);
    expect(readFileSync(join(folder, 'to', 'settings.yaml'), 'utf8')).toBe('a: 2');
  });

  it.each(['660', '604', '644', '602'])(
    'refuses a secret that others could know or make, as the service would: mode %s',
    async (mode) => {
      write('settings.yaml', 'a: 1');
      write('bot-token', 'hush', Number.parseInt(mode, 8));
      await expect(copy()).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('bot-token') as string,
      });
      expect(copied()).toEqual([]);
    },
  );

  it('refuses a folder without settings, and what is no file', async () => {
    write('bot-token', 'hush');
    mkdirSync(join(folder, 'from', 'more'), { mode: 0o700 });
    await expect(copy()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/more is no file[^]*no settings\.yaml/) as string,
    });
  });

  it('makes of the examples what the platforms open with', async () => {
    const desk: ClickDesk = {
      receive: () => Promise.reject(new Error('Nobody clicks here.')),
      open: () => Promise.reject(new Error('Nobody reads here.')),
    };
    const surroundings = { desk, clock: new SystemClock(), log: SILENT_LOGGER };
    const settingsOf = (kind: string): string =>
      textOf(`deploy/${kind}/settings.example.yaml`).replaceAll(
        `/run/countersign/${kind}`,
        join(folder, 'to'),
      );
    const settings = join(folder, 'to', 'settings.yaml');

    write('settings.yaml', settingsOf('slack'));
    write('bot-token', 'xoxb-1-2-x');
    write('signing-secret', '0123456789abcdef');
    await copy();
    const slack = slackChannel(readSettingsFile('COUNTERSIGN_SLACK', settings, slackConfig), surroundings);

    write('settings.yaml', settingsOf('teams'));
    write('client-secret', 'hush-hush');
    await copy();
    const teams = await teamsChannel(
      readSettingsFile('COUNTERSIGN_TEAMS', settings, teamsConfig),
      surroundings,
    );

    expect([slack.notifier.kind, teams.notifier.kind]).toEqual(['slack', 'teams']);
    for (const channel of [slack, teams]) await channel.stop?.();
  }, 60_000);
});
