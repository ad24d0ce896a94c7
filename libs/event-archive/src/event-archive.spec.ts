import { AppendVerifier } from '@countersign/event-store';
import { someEvents } from '@countersign/event-store/contract';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { ManualClock } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { ArchiveReader, checkArchive, digestOf, importLog, LogExport, readLog } from './index.ts';
import { fillSampleLog, KEYS } from './sample-log-spec-helpers.ts';

const memory = (): MemoryEventStore => new MemoryEventStore(new ManualClock());

const sampleStore = async (events = 60): Promise<MemoryEventStore> => {
  const store = memory();
  await fillSampleLog(store, events, 7);
  return store;
};

const exported = async (store: MemoryEventStore): Promise<string> => {
  let text = '';
  for await (const chunk of new LogExport(store).chunks()) text += chunk;
  return text;
};

/** In pieces that end within lines, and within characters. */
async function* bytesOf(text: string | Buffer, piece = 1_000): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += piece) yield bytes.subarray(from, from + piece);
}

const verifier = (): AppendVerifier => new AppendVerifier(KEYS.keyRing, 0);
const check = (text: string | Buffer) => checkArchive(new ArchiveReader(bytesOf(text), verifier()));
const bring = (text: string, store: MemoryEventStore, together = 10) =>
  importLog({ store, archive: new ArchiveReader(bytesOf(text)), together });

const linesOf = (text: string): string[] => text.trimEnd().split('\n');
const fileOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

describe('an archive', () => {
  it('holds the log, its mode, and two digests', async () => {
    const store = await sampleStore();
    const text = await exported(store);
    const lines = linesOf(text);
    const summary = await check(text);
    expect(lines[0]).toBe('{"format":"countersign-log","mode":"development","version":1}');
    expect(summary).toMatchObject({ ...(await digestOf(store)), mode: 'development' });
    expect(lines).toHaveLength(summary.events + 2);
  });

  it('of an empty log is an archive', async () => {
    const text = await exported(memory());
    expect(await check(text)).toMatchObject({ events: 0, mode: null });
    expect(await bring(text, memory())).toMatchObject({ events: 0, appended: 0 });
  });

  it('ends where the log ended when it began', async () => {
    const store = await sampleStore();
    const { events } = await digestOf(store);
    const log = new LogExport(store, {
      onProgress: () =>
        void store.append('request-late', 'no-stream', someEvents('request-late', 'no-stream')),
    });
    for await (const _ of log.chunks());
    expect(log.summary.events).toBe(events);
  });

  it('is refused without its end, wherever it was cut', async () => {
    const text = await exported(await sampleStore(12));
    const bytes = Buffer.from(text, 'utf8');
    for (let length = 0; length < bytes.length; length += 97) {
      await expect(check(bytes.subarray(0, length))).rejects.toMatchObject({
        code: expect.stringMatching(/^archive_(cut|malformed)$/) as string,
      });
    }
  });

  it.each([
    ['an event taken out', 'archive_malformed', (lines: string[]) => lines.toSpliced(20, 1)],
    [
      'appends in another order',
      'archive_digest_mismatch',
      (lines: string[]) => [lines[0]!, ...swapped(lines)],
    ],
    [
      'another time of commit',
      'archive_digest_mismatch',
      (lines: string[]) => lines.with(1, lines[1]!.replace('2026', '2027')),
    ],
    [
      'other data',
      'signature_invalid',
      (lines: string[]) => lines.with(1, lines[1]!.replace('"development"', '"production"')),
    ],
    [
      'another mode',
      'archive_digest_mismatch',
      (lines: string[]) => lines.with(0, lines[0]!.replace('development', 'production')),
    ],
    ['a space', 'archive_malformed', (lines: string[]) => lines.with(1, lines[1]!.replace(':', ': '))],
    [
      'a member twice',
      'archive_malformed',
      (lines: string[]) => lines.with(1, lines[1]!.replace('{', '{"stream":"x",')),
    ],
    ['a line that is no event', 'archive_malformed', (lines: string[]) => lines.with(1, '{}')],
    ['a line that is no JSON', 'archive_malformed', (lines: string[]) => lines.with(1, '{')],
    ['a line after the last', 'archive_malformed', (lines: string[]) => [...lines, lines[1]!]],
    [
      'another digest',
      'archive_digest_mismatch',
      (lines: string[]) =>
        lines.with(lines.length - 1, lines.at(-1)!.replace(/"fileDigest":"./, '"fileDigest":"_')),
    ],
    [
      'a later version',
      'archive_version_unknown',
      (lines: string[]) => lines.with(0, lines[0]!.replace('"version":1', '"version":2')),
    ],
    ['another file', 'archive_malformed', () => ['{"hello":"world"}']],
    ['an endless line', 'archive_malformed', (lines: string[]) => lines.with(1, 'x'.repeat(300_000))],
  ] satisfies [string, string, (lines: string[]) => string[]][])(
    'with %s is refused as %s',
    async (_, code, damage) => {
      const text = await exported(await sampleStore());
      await expect(check(fileOf(damage(linesOf(text))))).rejects.toMatchObject({ code });
    },
  );
});

/** The first two appends change places: each still whole and signed. */
const swapped = (lines: readonly string[]): string[] => {
  const [, first = '', ...rest] = lines;
  const count = Number(/"count":(\d+)/.exec(rest[0] ?? '')?.[1]);
  return [...rest.slice(0, count), first, ...rest.slice(count)];
};

describe('an import', () => {
  it('brings the log into an empty store, and again changes nothing', async () => {
    const from = await sampleStore();
    const [text, to] = [await exported(from), memory()];
    const { events, logDigest } = await digestOf(from);
    expect(await bring(text, to)).toMatchObject({ events, appended: events, logDigest });
    expect(await bring(text, to)).toMatchObject({ events, appended: 0, logDigest });
    expect(await digestOf(to)).toEqual({ events, logDigest });
  });

  it.each([1, 3, 30])('that was interrupted goes on where it stands, with turns of %i', async (together) => {
    const text = await exported(await sampleStore());
    const to = memory();
    const lines = linesOf(text);
    await expect(bring(fileOf(lines.slice(0, 35)), to, together)).rejects.toMatchObject({
      code: 'archive_cut',
    });
    const { events: standing } = await digestOf(to);
    const { events, appended } = await bring(text, to, together);
    expect(appended).toBe(events - standing);
  });

  it.each([
    ['another log', (store: MemoryEventStore) => fillSampleLog(store, 5, 8)],
    [
      'the log and more',
      async (store: MemoryEventStore) => {
        await bring(await exported(await sampleStore()), store);
        await store.append('request-new', 'no-stream', someEvents('request-new', 'no-stream'));
      },
    ],
  ])('into a store with %s is refused, and appends nothing', async (_, fill) => {
    const to = memory();
    await fill(to);
    const before = await digestOf(to);
    await expect(bring(await exported(await sampleStore()), to)).rejects.toMatchObject({
      code: 'store_not_empty',
    });
    expect(await digestOf(to)).toEqual(before);
  });

  it('beside which somebody else writes is not called the same log', async () => {
    const text = await exported(await sampleStore());
    const to = memory();
    const append = () => to.append('request-other', 'no-stream', someEvents('request-other', 'no-stream'));
    let others: Promise<unknown> | undefined;
    const onProgress = (): void => void (others ??= append());
    const importing = importLog({
      store: to,
      archive: new ArchiveReader(bytesOf(text)),
      together: 10,
      onProgress,
    });
    await expect(importing).rejects.toMatchObject({ code: 'import_differs' });
    await others;
  });
});

describe('reading a log whole', () => {
  it('ends with the error that ends its subscription', async () => {
    const store = await sampleStore();
    const broken = {
      head: () => store.head(),
      append: store.append.bind(store),
      readStream: store.readStream.bind(store),
      subscribe: () => ({ ended: Promise.reject(new Error('away')), close: async () => undefined }),
    };
    await expect(readLog(broken).next()).rejects.toThrow('away');
  });
});
