import { CodedError } from '@countersign/kernel';

/** One answer for what isn't there and for what the caller may not know of. */
export const notFound = (): CodedError<'not_found'> =>
  new CodedError('not_found', 'There is no such request, or you may not read it.');
