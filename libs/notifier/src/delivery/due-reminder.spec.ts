import { plusMs } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { attemptDone, dueAttempt } from './decide-delivery.ts';
import { foldDelivery, UNATTEMPTED } from './delivery.ts';
import type { DeliveryEvent } from './delivery-events.ts';
import { dueReminder, type ReminderTerms } from './due-reminder.ts';

const POSTED = '2026-11-20T10:00:00.000Z';
const at = (minutes: number) => plusMs(POSTED, minutes * 60_000);
const CARD = { requestId: 'r-1', digest: 'd-1', version: 3, status: 'pending' } as const;
const TERMS: ReminderTerms = { remindAfterMs: 600_000, expiresAt: at(60) };

const posted = (): DeliveryEvent[] => {
  const claimed = dueAttempt(CARD, 'log', UNATTEMPTED, POSTED);
  if (claimed === undefined) throw new Error('Nothing is due.');
  return [claimed, attemptDone(claimed.data, 'm', POSTED)];
};
const due = (
  events: readonly DeliveryEvent[],
  now: string,
  terms = TERMS,
  card: { status: 'pending' | 'denied' } = CARD,
) => dueReminder({ ...CARD, ...card }, 'log', foldDelivery(events).get('log') ?? UNATTEMPTED, terms, now);

describe('a reminder', () => {
  it('is due so long after the post, and so long after each reminder; what was missed is not made up for', () => {
    const events = posted();
    expect(due(events, plusMs(at(10), -1))).toBe(undefined);
    const late = due(events, at(35));
    expect(late).toMatchObject({ data: { why: 'interval', remindedAt: at(35) } });
    if (late !== undefined) events.push(late);
    expect(due(events, plusMs(at(45), -1))).toBe(undefined);
    expect(due(events, at(45))).toBeDefined();
  });

  it('is due at once, and once, when others are asked since', () => {
    const events = posted();
    const escalated = { expiresAt: at(60), escalatedAt: at(5) };
    const told = due(events, at(5), escalated);
    expect(told).toMatchObject({ data: { why: 'escalation' } });
    if (told !== undefined) events.push(told);
    expect(due(events, at(50), escalated)).toBe(undefined);
  });

  it.each<[string, () => unknown]>([
    ['nothing was posted', () => due([], at(30))],
    ['nobody is asked any more', () => due(posted(), at(30), TERMS, { status: 'denied' })],
    ['the deadline has passed', () => due(posted(), at(60))],
    ['policy asks for none', () => due(posted(), at(30), { expiresAt: at(60) })],
  ])('is never due where %s', (_what, answer) => {
    expect(answer()).toBe(undefined);
  });

  it('of a card that was never posted breaks the stream', () => {
    const [reminder] = [due(posted(), at(10))];
    expect(() => foldDelivery(reminder === undefined ? [] : [reminder])).toThrow(
      expect.objectContaining({ code: 'impossible_event' }),
    );
  });
});
