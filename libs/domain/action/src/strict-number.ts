import { CodedError } from '@countersign/kernel';

const hasIntegerForm = (literal: string): boolean => !/[.eE]/.test(literal);

/**
 * Refuses a number literal whose value would change in silence.
 *
 * An integer literal is one without fraction and exponent, as it was sent or as RFC 8785 prints its value:
 * 9007199254740993.0 and 1e16 are refused too, because their canonical forms are integer literals that
 * this parser would refuse. So whatever is accepted is accepted again in its canonical form. 1e30 prints
 * as `1e+30`, claims no integer precision, and passes.
 */
export const refuseNumber = (literal: string, fieldOf: () => string): void => {
  const value = Number(literal);
  if (!Number.isFinite(value)) {
    throw new CodedError('non_finite_number', 'The number is too large for a double; send it as a string.', {
      field: fieldOf(),
    });
  }
  const isInteger = hasIntegerForm(literal) || hasIntegerForm(String(value));
  if (isInteger && !Number.isSafeInteger(value)) {
    throw new CodedError('unsafe_integer', 'Integers beyond ±(2^53−1) lose digits; send it as a string.', {
      field: fieldOf(),
    });
  }
};
