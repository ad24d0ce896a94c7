import { canonicalJson } from '@countersign/kernel';
import { sampleAppend, sampleEvent } from '@countersign/event-store/contract';
import { describe, expect, it } from 'vitest';
import { servedStore } from './spec-helpers.ts';
import { appendRequests } from './wire-requests.ts';

const STREAM = 'request-1';
// JavaScript puts 9 before 10, whatever order they were written in; RFC 8785 sorts them as texts.
const DATA = { 10: 'ten', 9: 'nine', b: { 11: 0, 2: 1 } };

describe('what goes over the wire', () => {
  it('is canonical byte for byte, integer-like keys included', () => {
    const [event] = sampleAppend(STREAM, 'no-stream', [sampleEvent(DATA)]);
    const [, message] = appendRequests(STREAM, 'no-stream', [event!]);
    const proposed = message?.getProposedMessage();
    expect(Buffer.from(proposed!.getData_asU8()).toString()).toBe(
      '{"data":{"10":"ten","9":"nine","b":{"11":0,"2":1}},"schemaVersion":1}',
    );
    expect(Buffer.from(proposed!.getCustomMetadata_asU8()).toString()).toBe(canonicalJson(event!.metadata));
  });

  it('is read back as the same canonical text', async () => {
    const { store } = await servedStore();
    const [event] = sampleAppend(STREAM, 'no-stream', [sampleEvent(DATA)]);
    await store.append(STREAM, 'no-stream', [event!]);
    const [read] = await store.readStream(STREAM);
    const { id, type, schemaVersion, data, metadata } = read!;
    expect(canonicalJson({ id, type, schemaVersion, data, metadata })).toBe(canonicalJson(event));
  });
});
