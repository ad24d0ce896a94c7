import type { RecordedEvent } from '@countersign/event-store';
import { sampleAppend, sampleEvent } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { GapAuditor } from './gap-auditor.ts';

const at = (stream: string, ...revisions: readonly number[]): RecordedEvent[] =>
  revisions.map((revision) => {
    const [event] = sampleAppend(stream, 'no-stream', [sampleEvent()]);
    return { ...event!, stream, revision, position: `${revision}`, committedAt: '2026-11-20T10:24:45.000Z' };
  });

describe('a gap auditor', () => {
  it('has nothing to say of streams that come whole, however they are mixed', () => {
    const auditor = new GapAuditor();
    auditor.onEvents([...at('request-1', 0, 1), ...at('request-2', 0), ...at('request-1', 2)]);
    expect(auditor.faults).toEqual([]);
    expect(auditor.heard).toBe(4);
  });

  it('tells what was skipped', () => {
    const auditor = new GapAuditor();
    auditor.onEvents(at('request-1', 0, 3, 4));
    auditor.onEvents(at('request-2', 1));
    expect(auditor.faults).toEqual(['gap request-1@1..2', 'gap request-2@0..0']);
  });

  it('tells what was doubled or came late', () => {
    const auditor = new GapAuditor();
    auditor.onEvents(at('request-1', 0, 1, 1, 0, 2));
    expect(auditor.faults).toEqual(['double request-1@1', 'double request-1@0']);
  });

  it('tells what was acknowledged and never came', () => {
    const auditor = new GapAuditor();
    auditor.onEvents(at('request-1', 0));
    const acknowledged = [
      { stream: 'request-1', revision: 0 },
      { stream: 'request-1', revision: 1 },
      { stream: 'request-2', revision: 0 },
    ];
    expect(auditor.missing(acknowledged)).toEqual(['request-1@1', 'request-2@0']);
    expect(auditor.hasHeard(acknowledged.slice(0, 1))).toBe(true);
  });
});
