import { CodedError } from '@countersign/kernel';

export type RefusalCode =
  'overloaded' | 'too_many_requests' | 'too_many_open_requests' | 'too_many_open_bytes';

/** Nothing was appended; the same submission may be sent again. */
export class AdmissionRefused extends CodedError<RefusalCode> {
  override readonly name = 'AdmissionRefused';
}

/** Seconds: what a machine clears, and what waits for people. */
const MACHINES = { leastS: 1, mostS: 3 };
const PEOPLE = { leastS: 20, mostS: 40 };

/** Spread, so that those who were refused together don't come back together. */
const spread = ({ leastS, mostS }: typeof MACHINES): number =>
  leastS + Math.floor(Math.random() * (mostS - leastS + 1));

export const overloaded = (): AdmissionRefused =>
  new AdmissionRefused('overloaded', 'More requests wait than are worked off; send this one again later.', {
    retryAfterS: spread(MACHINES),
  });

export const tooFast = (perSecond: number, waitMs: number): AdmissionRefused =>
  new AdmissionRefused(
    'too_many_requests',
    `You send more than ${perSecond} requests a second; send this one again later.`,
    { retryAfterS: Math.ceil(waitMs / 1_000) + spread({ leastS: 0, mostS: 2 }) },
  );

/** `pending` of a requester's requests wait for people, who take longer than policy does. */
const whenOthersEnd = (pending: number, most: number): number => spread(pending < most ? MACHINES : PEOPLE);

export const tooManyOpen = (most: number, pending: number): AdmissionRefused =>
  new AdmissionRefused(
    'too_many_open_requests',
    `${most} of your requests aren't settled yet; wait for some of them, or cancel them.`,
    { retryAfterS: whenOthersEnd(pending, most) },
  );

export const tooManyBytes = (mostBytes: number): AdmissionRefused =>
  new AdmissionRefused(
    'too_many_open_bytes',
    `Your requests that aren't settled yet hold ${mostBytes} bytes together; wait for some of them, or cancel them.`,
    { retryAfterS: spread(PEOPLE) },
  );
