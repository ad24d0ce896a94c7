import type { RequestStatus } from '@countersign/domain-thread';
import { plusMs } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import type { NotifierErrorCode } from '../notifier.ts';
import {
  attemptDone,
  attemptFailed,
  claimedIn,
  CLAIM_MS,
  dueAttempt,
  type Failure,
} from './decide-delivery.ts';
import { foldDelivery, UNATTEMPTED, type ChannelDelivery } from './delivery.ts';
import type { DeliveryEvent } from './delivery-events.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const LATER = plusMs(NOW, CLAIM_MS);
const cardAt = (version: number, status: RequestStatus = 'pending') =>
  ({ requestId: 'r-1', digest: 'd-1', version, status }) as const;

/** The channel's stream so far. */
class Channel {
  readonly events: DeliveryEvent[] = [];
  get state() {
    return foldDelivery(this.events).get('log') ?? UNATTEMPTED;
  }
  due(version: number, status: RequestStatus = 'pending', now = NOW) {
    return dueAttempt(cardAt(version, status), 'log', this.state, now);
  }
  claim(version: number, status: RequestStatus = 'pending', now = NOW): this {
    const attempt = this.due(version, status, now);
    if (attempt === undefined) throw new Error('Nothing is due.');
    this.events.push(attempt);
    return this;
  }
  done(now = NOW): this {
    this.events.push(attemptDone(this.#claimed, 'm-1', now));
    return this;
  }
  failed(code: NotifierErrorCode, now = NOW): this {
    this.events.push(attemptFailed(this.#claimed, this.state, { code, detail: 'why', jitter: 1 }, now));
    return this;
  }
  get #claimed() {
    const { claim } = this.state;
    if (claim === undefined) throw new Error('Nothing is claimed.');
    return claim;
  }
}
const channel = () => new Channel();

describe('what a channel needs', () => {
  it('is a post while a decision is waited for', () => {
    expect(channel().due(3)?.data).toMatchObject({
      purpose: 'post',
      attempt: 1,
      version: 3,
      isRepeat: false,
    });
  });

  it('is nothing where the request has ended before anybody was told', () => {
    expect(channel().due(5, 'denied')).toBe(undefined);
  });

  it('is nothing while somebody has claimed it, and an attempt once the claim has run out', () => {
    const claimed = channel().claim(3);
    expect(claimed.due(3, 'pending', plusMs(NOW, CLAIM_MS - 1))).toBe(undefined);
    expect(claimed.due(4, 'pending', plusMs(NOW, CLAIM_MS - 1))).toBe(undefined);
    expect(claimed.due(3, 'pending', LATER)?.data).toMatchObject({
      attempt: 2,
      purpose: 'post',
      isRepeat: true,
    });
  });

  it('is the truth about a card that may stand, also when the request has ended', () => {
    expect(channel().claim(3).due(5, 'denied', LATER)?.data).toMatchObject({
      purpose: 'post',
      status: 'denied',
      isRepeat: true,
    });
  });

  it('is an update for each later version of a posted card, and nothing for the one it shows', () => {
    const posted = channel().claim(3).done();
    expect(posted.due(3)).toBe(undefined);
    expect(posted.due(5, 'approved')?.data).toMatchObject({ purpose: 'update', isRepeat: false });
    expect(posted.claim(5, 'approved').done().due(5, 'approved')).toBe(undefined);
  });

  it('is another try after a failure, each after a longer rest', () => {
    const failed = channel().claim(3).failed('channel_unavailable');
    expect(failed.due(3, 'pending', plusMs(NOW, 999))).toBe(undefined);
    const second = plusMs(NOW, 1_000);
    failed.claim(3, 'pending', second).failed('channel_unavailable', second);
    expect(failed.due(3, 'pending', plusMs(second, 1_999))).toBe(undefined);
    expect(failed.due(3, 'pending', plusMs(second, 2_000))?.data).toMatchObject({
      attempt: 3,
      isRepeat: false,
    });
  });

  it('is told as a repeat for as long as an uncertain post may stand', () => {
    const doubtful = channel().claim(3).failed('delivery_uncertain');
    const [second, third] = [plusMs(NOW, 1_000), plusMs(NOW, 60_000)];
    expect(doubtful.due(3, 'pending', second)?.data.isRepeat).toBe(true);
    doubtful.claim(3, 'pending', second).failed('channel_unavailable', second);
    expect(doubtful.due(5, 'denied', third)?.data.isRepeat).toBe(true);
    expect(doubtful.claim(5, 'denied', third).done().due(6, 'denied')?.data.isRepeat).toBe(false);
  });

  it.each<[NotifierErrorCode, number]>([
    ['channel_refused', 1],
    ['channel_unavailable', 15],
  ])('is nothing more after %s, %i times, until the card changes', (code, times) => {
    const tried = channel();
    let now = NOW;
    for (let time = 0; time < times; time += 1) {
      tried.claim(3, 'pending', now).failed(code, now);
      now = plusMs(now, 60_000);
    }
    expect(tried.events.at(-1)?.data).not.toHaveProperty('retryAt');
    expect(tried.due(3, 'pending', plusMs(now, 86_400_000))).toBe(undefined);
    expect(tried.due(4, 'pending', now)?.data.attempt).toBe(times + 1);
  });
});

describe('a failed attempt', () => {
  const claim = () => {
    const claimed = dueAttempt(cardAt(3), 'log', UNATTEMPTED, NOW);
    if (claimed === undefined) throw new Error('Nothing is due.');
    return claimed.data;
  };
  const failed = (failure: Partial<Failure>, earlier: ChannelDelivery = UNATTEMPTED) =>
    attemptFailed(
      claim(),
      earlier,
      { code: 'channel_unavailable', detail: 'why', jitter: 1, ...failure },
      NOW,
    ).data;
  const triedBefore = (times: number): ChannelDelivery => ({
    ...UNATTEMPTED,
    failure: { version: 3, code: 'channel_unavailable', times, since: NOW },
  });

  it('is tried again after a time between none and twice as long as before, up to a minute', () => {
    expect(failed({ jitter: 0 }).retryAt).toBe(NOW);
    expect(failed({ jitter: 0.5 }, triedBefore(3)).retryAt).toBe(plusMs(NOW, 4_000));
    expect(failed({}, triedBefore(40)).retryAt).toBe(plusMs(NOW, 60_000));
  });

  it('leaves the channel alone for as long as it asks, within reason', () => {
    expect(failed({ retryAfterMs: 7_000 }).retryAt).toBe(plusMs(NOW, 7_000));
    expect(failed({ retryAfterMs: 3_600_000 }).retryAt).toBe(plusMs(NOW, 300_000));
  });

  it('is the last one where the next would come after the deadline of the review', () => {
    expect(failed({ expiresAt: plusMs(NOW, 1_001) })).toHaveProperty('retryAt');
    expect(failed({ expiresAt: plusMs(NOW, 1_000) })).not.toHaveProperty('retryAt');
  });

  it('is tried again alone where a channel refuses several cards in one message', () => {
    const gathering = { id: 'r-1', requests: ['r-1', 'r-2'] };
    const attempt = claimedIn(gathering, { type: 'NotificationAttempted', data: claim() });
    const end = attemptFailed(
      attempt.data,
      UNATTEMPTED,
      { code: 'channel_refused', detail: 'why', jitter: 1 },
      NOW,
    );
    expect(end.data).toHaveProperty('retryAt');
    expect(foldDelivery([attempt, end]).get('log')).not.toHaveProperty('gathering');
  });
});

describe('the stream of a delivery', () => {
  it('remembers with whom a card shares its message, or may share it', () => {
    const gathering = { id: 'r-1', requests: ['r-1', 'r-2'] };
    const due = dueAttempt(cardAt(3), 'log', UNATTEMPTED, NOW);
    if (due === undefined) throw new Error('Nothing is due.');
    const attempt = claimedIn(gathering, due);
    const uncertain: Failure = { code: 'delivery_uncertain', detail: 'why', jitter: 1 };
    const ends = [
      attemptDone(attempt.data, 'm', NOW),
      attemptFailed(attempt.data, UNATTEMPTED, uncertain, NOW),
    ];
    for (const end of ends) expect(foldDelivery([attempt, end]).get('log')).toMatchObject({ gathering });
  });

  it('keeps channels apart', () => {
    const attempt = dueAttempt(cardAt(3), 'slack:#prod', UNATTEMPTED, NOW);
    const delivery = foldDelivery([...channel().claim(3).done().events, ...(attempt ? [attempt] : [])]);
    expect(delivery.get('log')).toMatchObject({ shown: 3, message: 'm-1' });
    expect(delivery.get('slack:#prod')).toMatchObject({ shown: 0, attempts: 1 });
  });

  it.each<[string, () => readonly DeliveryEvent[]]>([
    ['an end without its claim', () => channel().claim(3).done().events.slice(1)],
    [
      'the same end twice',
      () => [...channel().claim(3).done().events, ...channel().claim(3).done().events.slice(1)],
    ],
    ['the same attempt twice', () => [...channel().claim(3).events, ...channel().claim(3).events]],
    [
      'the end of an attempt that somebody else has taken over',
      () => {
        const taken = channel().claim(3);
        const late = attemptDone(
          { ...cardAt(3), channel: 'log', attempt: 1, purpose: 'post', isRepeat: false, attemptedAt: NOW },
          'm',
          LATER,
        );
        return [...taken.claim(3, 'pending', LATER).events, late];
      },
    ],
  ])('refuses %s', (_what, events) => {
    expect(() => foldDelivery(events())).toThrow(expect.objectContaining({ code: 'impossible_event' }));
  });
});
