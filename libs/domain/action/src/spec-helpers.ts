import { CodedError, type Json } from '@countersign/kernel';
import fc from 'fast-check';

export const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** What an assertion compares of an error: its code and field, never its prose. */
export const failureOf = (
  attempt: () => unknown,
): { code: string; field: string | undefined } | undefined => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { code: error.code, field: error.field };
  }
};

const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((value) => value + 0),
);
const key = fc.string({ maxLength: 8, unit: 'grapheme' }).filter((name) => !name.startsWith('__'));

/** JSON that the strict parser accepts. */
export const strictJson: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    fc.string({ maxLength: 20, unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }).map((object) => ({ ...object })),
  ),
})).value;
