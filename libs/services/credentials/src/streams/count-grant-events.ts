import type { GrantEvent } from '@countersign/domain-grant';
import type { RequestStatus } from '@countersign/domain-thread';
import type { Metrics } from '@countersign/service-host';

/** The status that a request reaches by an event of its grant; undefined for those that change none. */
const reached = (event: GrantEvent): RequestStatus | undefined => {
  switch (event.type) {
    case 'GrantOpened':
    case 'TokenIssued':
      return undefined;
    case 'GrantRedeemed':
      return 'redeemed';
    case 'GrantRevoked':
      return 'revoked';
    case 'GrantExpired':
      return 'grant_expired';
    case 'ExecutionReported':
      return event.data.status;
    case 'ExecutionUnreported':
      return 'unreported';
    default:
      return event satisfies never;
  }
};

export const countGrantEvents = (
  { requests }: Pick<Metrics, 'requests'>,
  events: readonly GrantEvent[],
): void => {
  for (const event of events) {
    const status = reached(event);
    if (status !== undefined) requests.add(1, { status });
  }
};
