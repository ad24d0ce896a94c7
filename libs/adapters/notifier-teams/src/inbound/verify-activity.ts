import type { Activity } from 'botbuilder';
import type { ServiceClientCredentialsFactory } from 'botframework-connector';
import type { TeamsEndpoints } from '../teams-config.ts';

/**
 * `proven`: signed by the Bot Framework for this bot; `unproven`: it isn't; `unknown`: its keys couldn't be had, so
 * nothing is known.
 */
export type Verdict = 'proven' | 'unproven' | 'unknown';

export type VerifyActivity = (authorization: string, activity: Record<string, unknown>) => Promise<Verdict>;

/** The library looks the keys up without a time limit of its own. */
const TIMEOUT_MS = 5_000;

/** By name: the library's own classes, and those of the libraries below it. */
const UNPROVEN: ReadonlySet<string> = new Set(['JsonWebTokenError', 'TokenExpiredError', 'NotBeforeError']);

/** The library means 401, and says 500 for a wrong signature; what is left is that the keys couldn't be had. */
const verdictOf = (error: unknown): Verdict => {
  if (!(error instanceof Error)) return 'unknown';
  if (UNPROVEN.has(error.name)) return 'unproven';
  return 'statusCode' in error && error.statusCode === 401 ? 'unproven' : 'unknown';
};

/** Calls of our own go out by a client of ours: the library is lent no credentials. */
const credentials = (appId: string): ServiceClientCredentialsFactory => ({
  isValidAppId: (given) => Promise.resolve(given === appId),
  isAuthenticationDisabled: () => Promise.resolve(false),
  createCredentials: () =>
    Promise.resolve({
      signRequest: () => Promise.reject(new Error('The library sends nothing.')),
    }),
});

/**
 * The library's own verification of a Bot Framework token, on a local copy of the published keys: issuer, signature,
 * audience, times, endorsement of the key, and the service URL. Loads the library, which is heavy, and so only where
 * Teams is configured.
 */
export const teamsVerifier = async (
  appId: string,
  { tokenUrl, openIdMetadataUrl }: TeamsEndpoints,
): Promise<VerifyActivity> => {
  const { TeamsAdapter } = await import('@microsoft/teams-ai');
  class VerifyingAdapter extends TeamsAdapter {
    /** What `process` begins with: the rest of it, a turn with clients for calls that we don't make, costs more. */
    async verify(authorization: string, activity: Record<string, unknown>): Promise<boolean> {
      const { claimsIdentity } = await this.botFrameworkAuthentication.authenticateRequest(
        // Its type lists what an activity may hold; what this one holds is what is to be verified.
        activity as Partial<Activity> as Activity,
        authorization,
      );
      return claimsIdentity.isAuthenticated;
    }
  }
  // One alone would take the others' defaults away, so all are given.
  const adapter = new VerifyingAdapter(
    {
      MicrosoftAppId: appId,
      ToChannelFromBotLoginUrl: tokenUrl,
      ToChannelFromBotOAuthScope: 'https://api.botframework.com',
      ToBotFromChannelTokenIssuer: 'https://api.botframework.com',
      OAuthUrl: 'https://api.botframework.com',
      ToBotFromChannelOpenIdMetadataUrl: openIdMetadataUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: openIdMetadataUrl,
      CallerId: '',
    },
    credentials(appId),
    { requiredEndorsements: ['msteams'] },
  );
  return async (authorization, activity) => {
    const verified = adapter
      .verify(authorization, activity)
      .then((isProven): Verdict => (isProven ? 'proven' : 'unproven'), verdictOf);
    return Promise.race([verified, unknownAfter(TIMEOUT_MS)]);
  };
};

const unknownAfter = (ms: number): Promise<Verdict> =>
  new Promise((resolve) => setTimeout(() => resolve('unknown'), ms).unref());
