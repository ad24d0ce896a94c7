import { AccessToken, type AccessTokenOptions } from '../connector/access-token.ts';
import { tokenUrlOf, type TeamsEndpoints } from '../teams-config.ts';
import { GraphClient } from './graph-client.ts';

const SCOPE = 'https://graph.microsoft.com/.default';

/** With a token of each tenant, since what is read is a tenant's. */
export const graphClient = (
  { graphUrl, loginUrl }: TeamsEndpoints,
  app: Pick<AccessTokenOptions, 'appId' | 'credential' | 'clock'>,
): GraphClient => {
  const tokens = new Map<string, AccessToken>();
  const tokenFor = (tenant: string): AccessToken => {
    const tokenUrl = tokenUrlOf(loginUrl, tenant);
    const token =
      tokens.get(tenant) ?? new AccessToken({ ...app, tokenUrl, scope: SCOPE, refusedAs: 'channel_refused' });
    tokens.set(tenant, token);
    return token;
  };
  return new GraphClient({ graphUrl, tokenFor });
};
