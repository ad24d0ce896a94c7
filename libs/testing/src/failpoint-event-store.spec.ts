import { someEvents } from '@countersign/event-store/contract';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { describe, expect, it } from 'vitest';
import { armFailpoints, FailpointEventStore, loseAnswer, refuseAppend } from './failpoint-event-store.ts';
import { Failpoints, holdOpen } from './failpoints.ts';
import { ManualClock } from './manual-clock.ts';

const setUp = () => {
  const failpoints = new Failpoints();
  const store = new FailpointEventStore(new MemoryEventStore(new ManualClock()), failpoints);
  const append = (stream: string) => store.append(stream, 'no-stream', someEvents(stream, 'no-stream'));
  return { failpoints, store, append };
};

describe('a store with failpoints', () => {
  it('is the store itself where nothing is armed', async () => {
    const { append, store } = setUp();
    await append('request-1');
    expect(await store.readStream('request-1')).toHaveLength(1);
  });

  it('has appended nothing where it fails before', async () => {
    const { append, failpoints, store } = setUp();
    failpoints.arm('before-append', refuseAppend);
    await expect(append('request-1')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await store.readStream('request-1')).toEqual([]);
  });

  it('has appended where only the answer is lost', async () => {
    const { append, failpoints, store } = setUp();
    failpoints.arm('after-append', loseAnswer);
    await expect(append('request-1')).rejects.toMatchObject({ code: 'append_uncertain' });
    expect(await store.readStream('request-1')).toHaveLength(1);
  });

  it('acts as often as it was told, and only where it was told', async () => {
    const { append, failpoints } = setUp();
    failpoints.arm('before-append', refuseAppend, {
      times: 2,
      when: (subject) => subject.startsWith('review-'),
    });
    await append('request-1');
    await expect(append('review-1')).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(append('review-1')).rejects.toMatchObject({ code: 'store_unavailable' });
    await append('review-1');
  });

  it('can be held open at a place', async () => {
    const { append, failpoints, store } = setUp();
    const { action, reached, release } = holdOpen();
    failpoints.arm('before-append', action);
    const appending = append('request-1');
    await reached;
    expect(await store.readStream('request-1')).toEqual([]);
    release();
    await appending;
    expect(await store.readStream('request-1')).toHaveLength(1);
  });

  it('is armed by text, by the type of an event', async () => {
    const { append, failpoints } = setUp();
    armFailpoints(failpoints, 'before-append:GrantRedeemed:kill,before-append:ActionRequested:refuse');
    await expect(append('request-1')).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(() => armFailpoints(failpoints, 'before-append:ActionRequested:explode')).toThrow('explode');
  });
});
