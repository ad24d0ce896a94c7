import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '@countersign/fake-teams';
import type { NotifierError } from '@countersign/notifier';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainSheet, teamsWorld, type TeamsWorld } from './teams-spec-helpers.ts';

const ours = selfSigned();

describe('a bot that proves itself by a certificate', () => {
  let folder: string;
  let world: TeamsWorld;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-teams-credential-'));
    const certificate = {
      certificateFile: join(folder, 'app.pem'),
      privateKeyFile: join(folder, 'app.key'),
    };
    await writeFile(certificate.certificateFile, ours.certificate);
    await writeFile(certificate.privateKeyFile, ours.privateKey, { mode: 0o600 });
    world = await teamsWorld({ clientSecretFile: undefined, certificate, askGraph: true });
    world.teams.credentials.register(ours.certificate);
  });
  afterEach(async () => {
    await world.close();
    await rm(folder, { recursive: true });
  });

  const post = (isRepeat = false) =>
    world.channel.notifier.post({
      channel: 'teams:ops',
      sheet: plainSheet(),
      isRepeat,
      signal: new AbortController().signal,
    });

  it('gets its tokens, each with an assertion of its own', async () => {
    await post();
    world.teams.accessTokens.revokeAll();
    await expect(post()).rejects.toMatchObject({ code: 'channel_unavailable' });
    await post();
    expect(world.teams.accessTokens.asked).toBe(2);
    expect(world.teams.conversations.messages.size).toBe(2);
  });

  it('gets those for Graph with assertions for the endpoint of the tenant', async () => {
    world.teams.graph.consents.add(world.groupChat.id);
    await post();
    await post(true);
    expect(world.teams.conversations.messages.size).toBe(1);
  });

  it('gets none for a certificate that is not registered, and tells nothing of its key', async () => {
    world.teams.credentials.register(selfSigned().certificate);
    const error = await post().then(
      () => undefined,
      (thrown: unknown) => thrown as NotifierError,
    );
    expect(error?.code).toBe('channel_unavailable');
    expect(`${error?.message} ${String(error?.cause)}`).not.toMatch(/eyJ|BEGIN/);
  });
});
