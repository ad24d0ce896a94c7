import type { RequestView } from '@countersign/contracts';
import { pause } from './back-off.ts';
import { CountersignError } from './countersign-error.ts';
import type { CallOptions } from './transport.ts';

export interface WaitOptions extends CallOptions {
  /** Gives up with `wait_timeout` after this long; the request itself goes on. Without: as long as it takes. */
  readonly timeoutMs?: number | undefined;
  /** Hears each version that is seen, the settled one included. */
  readonly onChange?: ((view: RequestView) => void) | undefined;
}

type GetRequest = (
  options: CallOptions & { readonly waitSeconds: number; readonly after?: number | undefined },
) => Promise<RequestView>;

const LONG_POLL_SECONDS = 30;
/** Between two answers that say nothing new: something on the way may not hold answers back. */
const UNCHANGED_PAUSE_MS = 250;

export const isSettled = ({ status }: RequestView): boolean => status !== 'received' && status !== 'pending';

/**
 * Polls until the request is settled. While the server can't be reached each poll is repeated until the
 * call's deadline, then it fails as `unreachable`.
 */
export const waitUntilSettled = async (get: GetRequest, options: WaitOptions): Promise<RequestView> => {
  const { timeoutMs = Number.POSITIVE_INFINITY, onChange, ...call } = options;
  const deadline = performance.now() + timeoutMs;
  let seen: number | undefined;
  for (;;) {
    const leftMs = deadline - performance.now();
    if (leftMs <= 0)
      throw new CountersignError('wait_timeout', 'The request was not settled in the given time.');
    const waitSeconds = seen === undefined ? 0 : Math.min(LONG_POLL_SECONDS, Math.ceil(leftMs / 1_000));
    const view = await get({ ...call, waitSeconds, after: seen });
    if (view.version !== seen) onChange?.(view);
    if (isSettled(view)) return view;
    if (view.version === seen) await pause(Math.min(UNCHANGED_PAUSE_MS, leftMs), call.signal);
    seen = view.version;
  }
};
