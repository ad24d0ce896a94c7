import type { DynamicModule, Provider } from '@nestjs/common';
import { RefusedAttempts, type ServiceContext } from '@countersign/service-host';
import { ClaimGrant } from './claim/claim-grant.ts';
import { EndGrant } from './due-work/end-grant.ts';
import { keepGrants } from './due-work/keep-grants.ts';
import { GrantsController } from './grants.controller.ts';
import { ReportOutcome } from './outcome/report-outcome.ts';
import { AskPolicy } from './redemption/ask-policy.ts';
import { RedeemGrant } from './redemption/redeem-grant.ts';
import { AUTHENTICATOR, CommandsController } from './revocation/commands.controller.ts';
import { RevokeGrant } from './revocation/revoke-grant.ts';
import { GrantStreams } from './streams/grant-streams.ts';
import { ReadableGrants } from './streams/readable-grants.ts';
import { ActionTokens } from './tokens/action-tokens.ts';
import { JwksController } from './tokens/jwks.controller.ts';
import { PublishedKeys } from './tokens/published-keys.ts';

/** The credentials service: opens grants, spends them, takes them back, and hears what came of them. */
export class CredentialsModule {}

/** Outsiders' requests are intake's. */
export type CredentialsContext = Omit<ServiceContext, 'requestQueue' | 'requesterOutlet'>;

/** What the use cases need of the context. */
export type GrantsContext = Pick<
  ServiceContext,
  'store' | 'writer' | 'verifier' | 'clock' | 'policySets' | 'telemetry' | 'log' | 'keys' | 'bus'
>;

/** The use cases over one context, built once. */
export const composeGrants = (context: GrantsContext) => {
  const streams = new GrantStreams(context);
  const readable = new ReadableGrants({ ...context, streams });
  const tokens = new ActionTokens(context.keys);
  const endGrant = new EndGrant({ ...context, streams });
  const attempts = new RefusedAttempts(context, { kind: 'redemption', category: 'grantattempt' });
  const parts = { ...context, streams, readable, tokens, endGrant, attempts };
  return {
    endGrant,
    claimGrant: new ClaimGrant(parts),
    redeemGrant: new RedeemGrant({ ...parts, policy: new AskPolicy(context.bus) }),
    revokeGrant: new RevokeGrant(parts),
    reportOutcome: new ReportOutcome(parts),
    publishedKeys: new PublishedKeys(context.keys),
  };
};

const providersOf = (
  grants: ReturnType<typeof composeGrants>,
  { authenticator }: CredentialsContext,
): Provider[] => [
  { provide: ClaimGrant, useValue: grants.claimGrant },
  { provide: RedeemGrant, useValue: grants.redeemGrant },
  { provide: RevokeGrant, useValue: grants.revokeGrant },
  { provide: ReportOutcome, useValue: grants.reportOutcome },
  { provide: PublishedKeys, useValue: grants.publishedKeys },
  { provide: AUTHENTICATOR, useValue: authenticator },
];

/** Registers the service's background work with the life cycle; call it once per context. */
export const credentialsModule = (context: CredentialsContext): DynamicModule => {
  const grants = composeGrants(context);
  keepGrants(context, grants.endGrant);
  return {
    module: CredentialsModule,
    controllers: [GrantsController, JwksController, CommandsController],
    providers: providersOf(grants, context),
  };
};
