import { CodedError } from '@countersign/kernel';
import type { Channel, ClickDesk } from '@countersign/notifier';
import { Lifecycle, readSettingsFile, SILENT_LOGGER } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RecordingNotifier } from '../spec-helpers.ts';
import { CHANNEL_KINDS } from './channel-kinds.ts';
import { channelPart, openChannels, type ChannelKind } from './open-channels.ts';

const desk: ClickDesk = {
  receive: () => Promise.reject(new Error('Nobody clicks here.')),
  open: () => Promise.reject(new Error('Nobody reads here.')),
};

describe('the channels of a process', () => {
  let folder: string;
  const surroundings = async () => ({ ...(await World.acme()).context('notification'), desk });
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-channels-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const write = (name: string, settings: object): string => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(settings), { mode: 0o600 });
    return path;
  };

  const told: string[] = [];
  const pigeon: ChannelKind = {
    kind: 'slack',
    variable: 'COUNTERSIGN_SLACK',
    fileIn: ({ slackFile }) => slackFile,
    open: async ({ variable, path }, { desk: given }) => {
      const { loft } = readSettingsFile(variable, path, z.strictObject({ loft: z.string() }));
      if (loft === 'locked') throw new CodedError('secret_unreadable', 'The key of the loft is missing.');
      told.push(`opened ${loft} ${given === desk}`);
      return {
        notifier: new RecordingNotifier('slack'),
        start: async () => void told.push('started'),
        stop: async () => void told.push('stopped'),
        ready: () => 'The pigeon is out.',
      };
    },
  };
  const nobody: ChannelKind = { ...pigeon, kind: 'teams', fileIn: ({ teamsFile }) => teamsFile };

  const open = async (slackFile?: string): Promise<ReadonlyMap<string, Channel>> =>
    openChannels([pigeon, nobody], { slackFile, teamsFile: undefined }, await surroundings());

  it('are opened where their settings are named, with the desk that takes their clicks, and no others', async () => {
    told.splice(0);
    expect((await open()).size).toBe(0);
    expect([...(await open(write('good.json', { loft: 'roof' }))).keys()]).toEqual(['slack']);
    expect(told).toEqual(['opened roof true']);
  });

  it('start and stop with the process, and say why they are not ready', async () => {
    const channel = (await open(write('good.json', { loft: 'roof' }))).get('slack');
    if (channel === undefined) throw new Error('It was not opened.');
    told.splice(0);
    const lifecycle = new Lifecycle(SILENT_LOGGER);
    lifecycle.add({
      name: 'desk',
      start: () => void told.push('desk'),
      stop: () => void told.push('no desk'),
    });
    lifecycle.add(channelPart(channel));
    await lifecycle.start();
    expect(await lifecycle.unready()).toEqual({ 'channel slack': 'The pigeon is out.' });
    await lifecycle.stop(5_000);
    expect(told).toEqual(['desk', 'started', 'stopped', 'no desk']);
  });

  it.each([
    ['a member that no settings have', { loft: 'roof', pigeons: 2 }],
    ['one that is missing', {}],
    ['a secret that cannot be read', { loft: 'locked' }],
  ])('end the start with the name of what is wrong: %s', async (_, settings) => {
    await expect(open(write('bad.json', settings))).rejects.toMatchObject({
      code: 'invalid_config',
      field: 'COUNTERSIGN_SLACK',
    });
  });

  it.each([
    ['slack', 'COUNTERSIGN_SLACK', { workspaces: [] }, 'workspaces'],
    ['teams', 'COUNTERSIGN_TEAMS', { appId: 'me' }, 'appId'],
  ])('of real platforms are read strictly: %s', async (kind, field, settings, where) => {
    const path = write(`${kind}.json`, settings);
    const config = {
      slackFile: kind === 'slack' ? path : undefined,
      teamsFile: kind === 'teams' ? path : undefined,
    };
    await expect(openChannels(CHANNEL_KINDS, config, await surroundings())).rejects.toMatchObject({
      code: 'invalid_config',
      field,
      message: expect.stringContaining(`${path}, ${where}`) as string,
    });
  });
});
