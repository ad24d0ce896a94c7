import { CodedError } from '@countersign/kernel';

/** `instanceof` alone would leave the code untyped. */
export const isCoded = (error: unknown): error is CodedError => error instanceof CodedError;

/** For spans, metrics and logs: the stable code, and nothing of the message. */
export const codeOf = (error: unknown): string => (isCoded(error) ? error.code : 'internal_error');
