import type { RequesterOutlet, RequestQueue } from '@countersign/bus';
import type { Failpoints } from './failpoints.ts';

/** A RequestQueue with the failpoints of failpoint-table.ts; `before-ack` and `after-ack` name the verdict. */
export const failpointRequestQueue = (queue: RequestQueue, failpoints: Failpoints): RequestQueue => ({
  consume: (handler) =>
    queue.consume(async (request) => {
      await failpoints.reach('before-take', request.natsSubject);
      const verdict = await handler(request);
      const subject = `${request.natsSubject} ${verdict}`;
      await failpoints.reach('before-ack', subject);
      failpoints.reachSoon('after-ack', subject);
      return verdict;
    }),
});

/** A RequesterOutlet with the failpoints of failpoint-table.ts. */
export const failpointRequesterOutlet = (
  outlet: RequesterOutlet,
  failpoints: Failpoints,
): RequesterOutlet => ({
  announce: (natsSubject, message) => {
    void failpoints.reach('before-announce', natsSubject);
    outlet.announce(natsSubject, message);
    failpoints.reachSoon('after-announce', natsSubject);
  },
});
