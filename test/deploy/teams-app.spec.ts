import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { root } from '../architecture/workspace.ts';

const APP_ID = '11111111-1111-4111-8111-111111111111';
const run = promisify(execFile);

/** The files of an archive that isn't compressed, by its local headers (APPNOTE 4.3.7). */
const filesOf = (zip: Buffer): ReadonlyMap<string, Buffer> => {
  const files = new Map<string, Buffer>();
  let at = 0;
  while (zip.readUInt32LE(at) === 0x04034b50) {
    const size = zip.readUInt32LE(at + 18);
    const start = at + 30 + zip.readUInt16LE(at + 26);
    files.set(zip.toString('utf8', at + 30, start), zip.subarray(start, start + size));
    at = start + size;
  }
  return files;
};

const manifestSchema = z.looseObject({
  id: z.literal(APP_ID),
  name: z.object({ short: z.string().max(30), full: z.string().max(100) }),
  description: z.object({ short: z.string().max(80), full: z.string().max(4_000) }),
  icons: z.object({ color: z.string(), outline: z.string() }),
  bots: z.array(z.looseObject({ botId: z.literal(APP_ID) })).length(1),
});

describe('the Teams app package', () => {
  let folder: string;
  let files: ReadonlyMap<string, Buffer>;
  const build = (out: string, ...args: readonly string[]) =>
    run(process.execPath, [join(root, 'scripts', 'teams-app.mjs'), '--out', join(folder, out), ...args]);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-teams-app-'));
    await build('app.zip', '--app-id', APP_ID, '--host', 'countersign.acme.example');
    files = filesOf(await readFile(join(folder, 'app.zip')));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('holds a manifest for this app, within what Teams takes, with nothing left to fill in', () => {
    const text = files.get('manifest.json')?.toString() ?? '';
    expect(manifestSchema.safeParse(JSON.parse(text)).error).toBeUndefined();
    expect(text).not.toMatch(/APP_ID|HOST/);
    expect(text).toContain('https://countersign.acme.example');
  });

  it('asks to read messages only where that is wanted, and then in that team or chat alone', async () => {
    const plain: unknown = JSON.parse(files.get('manifest.json')?.toString() ?? '');
    expect(plain).toHaveProperty('version', '1.0.0');
    expect(plain).not.toHaveProperty('authorization');
    expect(plain).not.toHaveProperty('webApplicationInfo');
    await build('graph.zip', '--app-id', APP_ID, '--host', 'countersign.acme.example', '--ask-graph');
    const asking =
      filesOf(await readFile(join(folder, 'graph.zip')))
        .get('manifest.json')
        ?.toString() ?? '';
    expect(JSON.parse(asking)).toMatchObject({
      version: '1.1.0',
      webApplicationInfo: { id: APP_ID, resource: 'https://countersign.acme.example' },
      authorization: {
        permissions: {
          resourceSpecific: [
            { name: 'ChannelMessage.Read.Group', type: 'Application' },
            { name: 'ChatMessage.Read.Chat', type: 'Application' },
          ],
        },
      },
    });
  });

  it.each([
    ['color.png', 192],
    ['outline.png', 32],
  ])('holds %s in the size that Teams wants', (name, pixels) => {
    const icon = files.get(name);
    expect(icon?.subarray(1, 4).toString()).toBe('PNG');
    expect([icon?.readUInt32BE(16), icon?.readUInt32BE(20)]).toEqual([pixels, pixels]);
  });

  it('is one that other programs can read: an archive with a directory of all its files', async () => {
    const zip = await readFile(join(folder, 'app.zip'));
    const end = zip.length - 22;
    expect(zip.readUInt32LE(end)).toBe(0x06054b50);
    expect(zip.readUInt16LE(end + 10)).toBe(3);
    expect(zip.readUInt32LE(zip.readUInt32LE(end + 16))).toBe(0x02014b50);
  });

  it('is not made for what is no app id', async () => {
    await expect(build('bad.zip', '--app-id', 'x', '--host', 'a.example')).rejects.toMatchObject({ code: 1 });
  });
});
