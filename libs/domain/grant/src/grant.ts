import { impossibleEvent, knownEvents, unknownEventType, type DomainEvent } from '@countersign/kernel';
import type {
  ExecutionReported,
  ExecutionUnreported,
  GrantEvent,
  GrantExpired,
  GrantOpened,
  GrantRedeemed,
  GrantRevoked,
  TokenIssued,
} from './grant-events.ts';

type Data<Event extends DomainEvent> = Event['data'];

interface Opened {
  readonly opened: Data<GrantOpened>;
  /** Absent where the grant ended before anybody claimed it. */
  readonly token?: Data<TokenIssued>;
}
interface Spent extends Opened {
  readonly redemption: Data<GrantRedeemed>;
}

/** Nothing on the stream yet: a grant is opened by its claim, or only to be ended. */
export type UnopenedGrant = { readonly status: 'unopened' };
export type OpenGrant = Opened & { readonly status: 'open' };
export type RevokedGrant = Opened & { readonly status: 'revoked'; readonly revocation: Data<GrantRevoked> };
export type ExpiredGrant = Opened & { readonly status: 'expired'; readonly expiry: Data<GrantExpired> };
export type RedeemedGrant = Spent & { readonly status: 'redeemed' };
export type UnreportedGrant = Spent & {
  readonly status: 'unreported';
  readonly unreported: Data<ExecutionUnreported>;
};
export type ReportedGrant = Spent & { readonly status: 'reported'; readonly report: Data<ExecutionReported> };

export type Grant =
  UnopenedGrant | OpenGrant | RevokedGrant | ExpiredGrant | RedeemedGrant | UnreportedGrant | ReportedGrant;

export const UNOPENED: Grant = { status: 'unopened' };

const inStatus = <Status extends Grant['status']>(
  grant: Grant,
  status: Status,
  event: GrantEvent,
): Extract<Grant, { status: Status }> => {
  if (!hasStatus(grant, status)) throw impossibleEvent(event.type, grant.status);
  return grant;
};

const hasStatus = <Status extends Grant['status']>(
  grant: Grant,
  status: Status,
): grant is Extract<Grant, { status: Status }> => grant.status === status;

const onOpened = (grant: Grant, event: GrantOpened): Grant => {
  inStatus(grant, 'unopened', event);
  return { status: 'open', opened: event.data };
};

const onTokenIssued = (grant: Grant, event: TokenIssued): Grant => {
  const open = inStatus(grant, 'open', event);
  if (open.token !== undefined) throw impossibleEvent(event.type, 'open with a token');
  return { ...open, token: event.data };
};

const onReported = (grant: Grant, event: ExecutionReported): Grant => {
  const spent = event.data.late ? inStatus(grant, 'unreported', event) : inStatus(grant, 'redeemed', event);
  const { opened, redemption } = spent;
  return {
    opened,
    ...(spent.token && { token: spent.token }),
    redemption,
    status: 'reported',
    report: event.data,
  };
};

/** Throws `unknown_event_type`, and `impossible_event` where a rule of the stream is broken: never skips. */
export const evolve = (grant: Grant, event: GrantEvent): Grant => {
  switch (event.type) {
    case 'GrantOpened':
      return onOpened(grant, event);
    case 'TokenIssued':
      return onTokenIssued(grant, event);
    case 'GrantRedeemed':
      return { ...inStatus(grant, 'open', event), status: 'redeemed', redemption: event.data };
    case 'GrantRevoked':
      return { ...inStatus(grant, 'open', event), status: 'revoked', revocation: event.data };
    case 'GrantExpired':
      return { ...inStatus(grant, 'open', event), status: 'expired', expiry: event.data };
    case 'ExecutionReported':
      return onReported(grant, event);
    case 'ExecutionUnreported':
      return { ...inStatus(grant, 'redeemed', event), status: 'unreported', unreported: event.data };
    default: {
      const unknown: DomainEvent = event satisfies never;
      throw unknownEventType(unknown.type);
    }
  }
};

export const foldGrant = (events: readonly GrantEvent[]): Grant => events.reduce(evolve, UNOPENED);

/** Read from a `grant-<id>` stream; `unknown_event_type` for any other. */
export const grantEvents = (
  recorded: readonly { readonly type: string; readonly data: object }[],
): readonly GrantEvent[] =>
  knownEvents<GrantEvent>(
    {
      GrantOpened: true,
      TokenIssued: true,
      GrantRedeemed: true,
      GrantRevoked: true,
      GrantExpired: true,
      ExecutionReported: true,
      ExecutionUnreported: true,
    },
    recorded,
  );
