import type { ReadOptions, RecordedEvent } from '@countersign/event-store';
import { someEvents } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { RecentStreams } from './recent-streams.ts';

const revisions = (from: number, count: number): readonly RecordedEvent[] =>
  someEvents('request-1', 'no-stream', count).map((envelope, index) => ({
    ...envelope,
    stream: 'request-1',
    revision: from + index,
    position: String(from + index + 1),
    committedAt: '2026-11-20T10:24:45.000Z',
  }));

const seen = (streams: RecentStreams, options: ReadOptions = {}): readonly number[] | undefined =>
  streams.read('request-1', options)?.map(({ revision }) => revision);

describe('streams kept in memory', () => {
  it.each<readonly [string, ReadOptions, readonly number[]]>([
    ['whole', {}, [0, 1, 2, 3]],
    ['from a revision', { from: 2 }, [2, 3]],
    ['from beyond the end', { from: 9 }, []],
    ['up to a limit', { limit: 2 }, [0, 1]],
    ['a part in the middle', { from: 1, limit: 2 }, [1, 2]],
    ['backwards', { direction: 'backwards' }, [3, 2, 1, 0]],
    ['backwards up to a limit', { direction: 'backwards', limit: 1 }, [3]],
    ['backwards from a revision', { direction: 'backwards', from: 2, limit: 2 }, [2, 1]],
    ['backwards from beyond the end', { direction: 'backwards', from: 9, limit: 2 }, [3, 2]],
  ])('are read %s', (_, options, expected) => {
    const streams = new RecentStreams();
    streams.keep('request-1', {}, revisions(0, 4), 0);
    expect(seen(streams, options)).toEqual(expected);
  });

  it('answer of a part that is kept, and leave the rest to the file', () => {
    const streams = new RecentStreams();
    streams.keep('request-1', { direction: 'backwards', limit: 2 }, revisions(5, 2).toReversed(), 0);
    expect(seen(streams, { direction: 'backwards', limit: 1 })).toEqual([6]);
    expect(seen(streams, { from: 5 })).toEqual([5, 6]);
    expect(seen(streams)).toBeUndefined();
    expect(seen(streams, { direction: 'backwards', limit: 3 })).toBeUndefined();
  });

  it.each<readonly [string, ReadOptions, readonly RecordedEvent[]]>([
    ['met its limit', { limit: 2 }, revisions(0, 2)],
    ['began after the end', { from: 7 }, []],
    ['went back from the middle', { direction: 'backwards', from: 3 }, revisions(0, 4).toReversed()],
    ['asked for nothing', { direction: 'backwards', limit: 0 }, []],
  ])('hold nothing of a read that %s', (_, options, events) => {
    const streams = new RecentStreams();
    streams.keep('request-1', options, events, 0);
    expect(seen(streams, options)).toBeUndefined();
  });

  it('know that a stream is absent, until its first append', () => {
    const streams = new RecentStreams();
    streams.keep('request-1', {}, [], 0);
    expect(seen(streams)).toEqual([]);
    streams.extend('request-1', revisions(0, 2), 0);
    expect(seen(streams)).toEqual([0, 1]);
  });

  it('move on by appends, and forget a stream that an append does not fit', () => {
    const streams = new RecentStreams();
    streams.extend('request-1', revisions(0, 2), 0);
    streams.extend('request-1', revisions(2, 1), 0);
    expect(seen(streams)).toEqual([0, 1, 2]);
    streams.extend('request-1', revisions(4, 1), 0);
    expect(seen(streams)).toBeUndefined();
  });

  it('begin with no append but the first of a stream', () => {
    const streams = new RecentStreams();
    streams.extend('request-1', revisions(3, 1), 0);
    expect(seen(streams)).toBeUndefined();
  });

  it('drop the least recently used beyond their capacity', () => {
    const streams = new RecentStreams({ capacity: 32_000 });
    const put = (stream: string): void => streams.keep(stream, {}, [], 1_500);
    for (let index = 0; index < 18; index += 1) put(`request-${index}`);
    streams.read('request-0', {});
    put('request-18');
    const kept = (stream: string): boolean => streams.read(stream, {}) !== undefined;
    expect(['request-0', 'request-1', 'request-2', 'request-18'].map(kept)).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('keep no stream that would push out many others', () => {
    const streams = new RecentStreams({ capacity: 32_000 });
    streams.extend('request-1', revisions(0, 1), 1_000);
    expect(seen(streams)).toEqual([0]);
    streams.extend('request-1', revisions(1, 1), 2_000);
    expect(seen(streams)).toBeUndefined();
  });
});
