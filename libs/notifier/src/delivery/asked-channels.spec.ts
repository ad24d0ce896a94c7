import { plusMs } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import type { NotifierErrorCode } from '../notifier.ts';
import { askedChannels, hasNext, reachedNobody } from './asked-channels.ts';
import { attemptDone, attemptFailed, dueAttempt, FAIL_OVER_AFTER_MS } from './decide-delivery.ts';
import { foldDelivery, UNATTEMPTED } from './delivery.ts';
import type { DeliveryEvent } from './delivery-events.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const ROUTES = { channels: ['a', 'log'], failover: [['a', 'b', 'c']] };
const CARD = { requestId: 'r-1', digest: 'd-1', version: 3, status: 'pending' } as const;

/** One attempt on a channel, and its end; undefined: without one. */
const attempt = (channel: string, end: 'done' | NotifierErrorCode | undefined): readonly DeliveryEvent[] => {
  const claimed = dueAttempt(CARD, channel, UNATTEMPTED, NOW);
  if (claimed === undefined) throw new Error('Nothing is due.');
  if (end === undefined) return [claimed];
  if (end === 'done') return [claimed, attemptDone(claimed.data, 'm', NOW)];
  const failure = { code: end, detail: 'why', hasNext: hasNext(ROUTES, channel), jitter: 1 };
  return [claimed, attemptFailed(claimed.data, UNATTEMPTED, failure, NOW)];
};
const fold = (...attempts: readonly (readonly DeliveryEvent[])[]) => foldDelivery(attempts.flat());

describe('the channels of a review', () => {
  it('are at first those that policy tells at once', () => {
    expect(askedChannels(ROUTES, fold())).toEqual(['a', 'log']);
    expect(askedChannels({ channels: ['log'] }, fold())).toEqual(['log']);
  });

  it('are others besides once one was given up, and for good', () => {
    const refused = attempt('a', 'channel_refused');
    expect(askedChannels(ROUTES, fold(refused))).toEqual(['a', 'log', 'b']);
    expect(askedChannels(ROUTES, fold(refused, attempt('b', 'channel_refused')))).toEqual([
      'a',
      'log',
      'b',
      'c',
    ]);
  });

  it('are no others while one is still tried, nor where it has the card', () => {
    expect(askedChannels(ROUTES, fold(attempt('a', 'channel_unavailable')))).toEqual(['a', 'log']);
    expect(askedChannels(ROUTES, fold(attempt('a', 'done')))).toEqual(['a', 'log']);
  });

  it('are given up after a minute where there is another to turn to', () => {
    expect(hasNext(ROUTES, 'b')).toBe(true);
    expect(hasNext(ROUTES, 'c')).toBe(false);
    const [claimed] = attempt('a', undefined);
    if (claimed?.type !== 'NotificationAttempted') throw new Error('Nothing is claimed.');
    const failure = { code: 'channel_unavailable', detail: 'why', hasNext: true, jitter: 1 } as const;
    const endAt = (ms: number) => attemptFailed(claimed.data, UNATTEMPTED, failure, plusMs(NOW, ms)).data;
    expect(endAt(FAIL_OVER_AFTER_MS - 1_001)).toHaveProperty('retryAt');
    expect(endAt(FAIL_OVER_AFTER_MS - 1_000)).not.toHaveProperty('retryAt');
  });

  it.each<[boolean, string, readonly (readonly DeliveryEvent[])[]]>([
    [true, 'nothing was tried', []],
    [true, 'all was refused', [attempt('a', 'channel_refused'), attempt('log', 'channel_unavailable')]],
    [false, 'one has the card', [attempt('a', 'channel_refused'), attempt('log', 'done')]],
    [false, 'one may have it', [attempt('a', 'delivery_uncertain')]],
    [false, 'one attempt has no end', [attempt('a', undefined)]],
  ])('have reached nobody: %s, where %s', (nobody, _what, attempts) => {
    expect(reachedNobody(ROUTES, fold(...attempts))).toBe(nobody);
  });

  it('have reached nobody only where policy named some', () => {
    expect(reachedNobody({ channels: [] }, fold())).toBe(false);
  });
});
