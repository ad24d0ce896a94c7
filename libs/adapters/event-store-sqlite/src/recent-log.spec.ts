import { join } from 'node:path';
import { sampleAppend, sampleEvent } from '@countersign/event-store/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogReader } from './log-reader.ts';
import { LogWriter } from './log-writer.ts';
import { RecentLog, type CommittedAppend } from './recent-log.ts';
import { temporaryFolder } from './spec-helpers.ts';
import { recordedBy } from './writer-client.ts';

let writer: LogWriter;
let reader: LogReader;
beforeEach(() => {
  const path = join(temporaryFolder(), 'events.db');
  writer = new LogWriter(path);
  reader = new LogReader(path);
});
afterEach(() => {
  reader.close();
  writer.close();
});

/** Commits one event, and answers what the process is told of it. */
const commit = (stream: string, data = {}): CommittedAppend => {
  const envelopes = sampleAppend(stream, 'no-stream', [sampleEvent(data)]);
  const texts = envelopes.map((envelope) => JSON.stringify(envelope));
  const handed = { stream, first: 0, texts, envelopes, nowMs: 0 };
  const [answer] = writer.write([{ sequence: 1, ...handed }]).answers;
  if (answer?.kind !== 'appended') throw new Error('Nothing was appended.');
  return { stream, events: recordedBy(handed, answer), size: 0 };
};

const after = (log: RecentLog, position: number): readonly (readonly [string, unknown])[] =>
  (log.readAfter(position)?.entries ?? []).map((entry) => [entry.stream, entry.event().data['from']]);

describe('the recent log', () => {
  it('ends at the last commit that was told of, whatever the file holds beyond', () => {
    const log = new RecentLog(reader, 0);
    const first = commit('request-1');
    commit('request-2');
    expect(log.readStream('request-1', {})).toEqual([]);
    expect(log.readAfter(0)).toBeUndefined();
    log.advance(1, [first]);
    expect(log.readStream('request-1', {})).toHaveLength(1);
    expect(log.readStream('request-2', {})).toEqual([]);
    expect(after(log, 0)).toHaveLength(1);
  });

  it('gives what came last from memory, and what lies further back from the file, at the same places', () => {
    commit('request-1', { from: 'file' });
    commit('request-2', { from: 'file' });
    const log = new RecentLog(reader, 2);
    const told = commit('request-3', { from: 'file' });
    const marked = told.events.map((event) => ({ ...event, data: { from: 'memory' } }));
    log.advance(3, [{ ...told, events: marked }]);
    expect(after(log, 2)).toEqual([['request-3', 'memory']]);
    expect(after(log, 1)).toEqual([
      ['request-2', 'file'],
      ['request-3', 'file'],
    ]);
    expect(log.readAfter(2)?.position).toBe('3');
    expect(log.readAfter(3)).toBeUndefined();
  });

  it('reads the file where it was not told of every event, and goes on from memory afterwards', () => {
    const log = new RecentLog(reader, 0);
    commit('request-1', { from: 'file' });
    const told = commit('request-2', { from: 'memory' });
    log.advance(2, [told]);
    expect(after(log, 0)).toEqual([
      ['request-1', 'file'],
      ['request-2', 'memory'],
    ]);
    log.advance(3, [commit('request-3', { from: 'memory' })]);
    expect(after(log, 2)).toEqual([['request-3', 'memory']]);
    expect(after(log, 0)).toHaveLength(3);
  });

  it('goes by the file alone from a commit in doubt on', () => {
    const log = new RecentLog(reader, 0);
    log.advance(1, [commit('request-1')]);
    commit('request-2', { from: 'file' });
    log.doubt();
    expect(log.head).toBe(2);
    expect(log.readStream('request-2', {})).toHaveLength(1);
    expect(after(log, 1)).toEqual([['request-2', 'file']]);
  });
});
