import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import {
  acceptedNatsSubject,
  receiptNatsSubject,
  rejectedNatsSubject,
  requestNatsSubject,
} from '@countersign/contracts';
import { asyncApi } from './asyncapi.ts';

const definition = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object;

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3.0 by the official schema', () => {
    const validate = new Ajv({ strict: false, validateFormats: false, logger: false }).compile(definition);
    const valid = validate(asyncApi('1.0.0'));
    expect(validate.errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  it('names the subjects that the services use', () => {
    const channels = asyncApi('1.0.0')['channels'] as Record<string, { address: string }>;
    const addresses = Object.values(channels).map(({ address }) => address);
    expect(addresses).toEqual([
      requestNatsSubject('{requester}'),
      acceptedNatsSubject('{requester}'),
      rejectedNatsSubject('{requester}'),
      receiptNatsSubject('{requester}', '{requestId}'),
    ]);
  });
});
