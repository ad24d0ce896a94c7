import { actionDigest, parsePrivilegedAction } from '@countersign/domain-action';
import type { RecordedEvent } from '@countersign/event-store';
import { sampleAppend, sampleEvent } from '@countersign/event-store/contract';
import { deepFreeze, type JsonObject } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { requestFrom } from './load-request.ts';

const action = (name: string): JsonObject => ({
  subject: { type: 'Agent', id: 'etl-bot', properties: {} },
  action: { name, properties: {} },
  resource: { type: 'Dataset', id: 'customers', properties: {} },
  context: { justification: 'Monthly report.' },
});

const requested = (data: JsonObject): RecordedEvent => {
  const digest = actionDigest(parsePrivilegedAction(action('data.export')));
  const event = sampleEvent({ requestId: 'r-1', digest, ...data });
  const [envelope] = sampleAppend('request-r-1', 'no-stream', [event]);
  const place = { stream: 'request-r-1', revision: 0, position: '1' };
  return { ...envelope!, ...place, committedAt: '2026-11-20T10:24:45.000Z' };
};

const malformed = expect.objectContaining({ code: 'malformed_request_event' }) as Error;

describe('a loaded request', () => {
  it('is the one that its digest names, however often it is loaded', () => {
    const event = deepFreeze(requested(action('data.export')));
    for (let loads = 0; loads < 2; loads += 1) expect(requestFrom('r-1', [event])?.event).toBe(event);
  });

  it('is refused each time where its digest is that of another action', () => {
    const event = deepFreeze(requested(action('data.delete')));
    for (let loads = 0; loads < 2; loads += 1) expect(() => requestFrom('r-1', [event])).toThrow(malformed);
  });

  it('is looked at again where it could have changed', () => {
    const data = action('data.export');
    const event = requested(data);
    requestFrom('r-1', [event]);
    Object.assign(event.data['action'] as object, { name: 'data.delete' });
    expect(() => requestFrom('r-1', [event])).toThrow(malformed);
  });

  it('is refused under another id, and where its stream holds more', () => {
    const event = requested(action('data.export'));
    expect(() => requestFrom('r-2', [event])).toThrow(malformed);
    expect(() => requestFrom('r-1', [event, event])).toThrow(malformed);
    expect(requestFrom('r-1', [])).toBeUndefined();
  });
});
