import type { Json } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { REAUTHORIZE } from '../policy/calls.ts';
import { callService } from './call-service.ts';

const answering = (answer: Json) => {
  const asked: unknown[] = [];
  const request = (natsSubject: string, message: Json, options: object): Promise<Json> => {
    asked.push([natsSubject, message, options]);
    return Promise.resolve(answer);
  };
  return { asked, bus: { request } };
};
const payload = { requestId: '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11' };

describe('a call between services', () => {
  it("asks on the contract's subject with the contract's deadline", async () => {
    const { asked, bus } = answering({ authorized: true, policySetDigest: 'p', directoryDigest: 'd' });
    const reply = await callService(bus, REAUTHORIZE, payload);
    expect(reply.authorized).toBe(true);
    expect(asked).toEqual([
      ['countersign.internal.call.policy.reauthorize', payload, { deadlineMs: REAUTHORIZE.deadlineMs }],
    ]);
  });

  it('refuses an answer that the contract does not know, and names the field', async () => {
    const { bus } = answering({ authorized: 'yes' });
    await expect(callService(bus, REAUTHORIZE, payload)).rejects.toMatchObject({
      code: 'malformed_message',
      field: 'authorized',
    });
  });
});
