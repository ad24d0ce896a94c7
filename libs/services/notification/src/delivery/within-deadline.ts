import { NotifierError } from '@countersign/notifier';

/** Runs `work` until it settles or the time is over, whether or not it heeds the signal: `delivery_uncertain`. */
export const withinDeadline = async <Result>(
  deadlineMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> => {
  const deadline = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new NotifierError('delivery_uncertain', `The channel gave no answer within ${deadlineMs} ms.`),
    );
    deadline.abort();
  }, deadlineMs);
  try {
    return await Promise.race([work(deadline.signal), late.promise]);
  } finally {
    clearTimeout(timer);
  }
};
