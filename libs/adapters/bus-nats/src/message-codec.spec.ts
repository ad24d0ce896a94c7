import { CodedError } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import {
  MAX_MESSAGE_BYTES,
  decodeAnswer,
  decodeMessage,
  encodeError,
  encodeMessage,
  encodeResult,
} from './message-codec.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

describe('an answer', () => {
  it.each([[null], [false], [0], [''], [{ error: 'a member of the result' }]])('brings %o back', (result) => {
    expect(decodeAnswer(encodeResult(result))).toEqual(result);
  });

  it('brings a refusal back with code, sentence, field and what else it says', () => {
    const said = { field: 'approver', members: { reason: 'not_in_group' } };
    const refusal = new CodedError('not_eligible', 'Ask somebody of data-owners.', said);
    expect(() => decodeAnswer(encodeError(refusal))).toThrow(
      expect.objectContaining({ code: 'not_eligible', message: refusal.message, ...said }),
    );
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"result":1,"error":{"code":"a","message":"b"}}',
    '{"error":"no"}',
    '{"error":{"message":"b"}}',
    '{"error":{"code":"Not A Code","message":"b"}}',
    '{"error":{"code":"a"}}',
  ])('that is %j is refused', (text) => {
    expect(() => decodeAnswer(bytes(text))).toThrow(expect.objectContaining({ code: 'malformed_message' }));
  });
});

describe('a message', () => {
  it('is refused beyond its size, written or read', () => {
    const text = 'x'.repeat(MAX_MESSAGE_BYTES);
    const code = 'malformed_message';
    expect(() => encodeMessage(text)).toThrow(expect.objectContaining({ code }));
    expect(() => decodeMessage(bytes(`"${text}"`))).toThrow(expect.objectContaining({ code }));
  });

  it('is refused where it is not UTF-8', () => {
    expect(() => decodeMessage(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(
      expect.objectContaining({ code: 'malformed_message' }),
    );
  });
});
