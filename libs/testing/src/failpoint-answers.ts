import type { Failpoints } from './failpoints.ts';

interface Call {
  readonly natsSubject: string;
}

/** Wraps each handler of calls over the bus with the failpoints of failpoint-table.ts. */
export const failpointCalls =
  (failpoints: Failpoints) =>
  <Incoming extends Call, Answer>(handler: (call: Incoming) => Promise<Answer>) =>
  async (call: Incoming): Promise<Answer> => {
    await failpoints.reach('before-handle', call.natsSubject);
    try {
      return await handler(call);
    } finally {
      await failpoints.reach('before-reply', call.natsSubject);
      failpoints.reachSoon('after-reply', call.natsSubject);
    }
  };

/** Whatever operators and load balancers ask all the time. */
const BY_OPERATORS = /^\S+ \/(?:health\/|metrics|openapi)/;

/** For `onHttpAnswer` of a process: the failpoints of failpoint-table.ts, by `METHOD /route`. */
export const failpointAnswers =
  (failpoints: Failpoints) =>
  async (moment: 'before' | 'after', route: string): Promise<void> => {
    if (!BY_OPERATORS.test(route)) await failpoints.reach(`${moment}-answer`, route);
  };
