import { z } from 'zod';

const isLoopback = ({ protocol, hostname }: URL): boolean => protocol === 'http:' && hostname === '127.0.0.1';

/** Secrets and cards go to these: only encrypted, or to this machine, where tests are. */
const safeUrl = z
  .url()
  .refine((url) => url.startsWith('https://') || isLoopback(new URL(url)), 'must begin with https://');

const folderUrl = safeUrl.refine((url) => url.endsWith('/'), 'must end with /');

const place = { tenant: z.uuid(), serviceUrl: folderUrl };

const conversation = z.discriminatedUnion('scope', [
  z.strictObject({
    scope: z.literal('channel'),
    ...place,
    /** The team's id, which is its first channel's. */
    team: z.string().regex(/^19:[^/|;]{1,200}@thread\.(tacv2|skype)$/),
    conversation: z.string().regex(/^19:[^/|;]{1,200}@thread\.(tacv2|skype)$/),
    /** Of the team's Entra group, by which Graph knows the team; needed where Graph is asked. */
    group: z.uuid().optional(),
  }),
  z.strictObject({
    scope: z.literal('groupChat'),
    ...place,
    conversation: z.string().regex(/^19:[^/|;]{1,200}@thread\.v2$/),
  }),
  /** `user`: the Entra object id of somebody who has the app. */
  z.strictObject({ scope: z.literal('personal'), ...place, user: z.uuid() }),
]);

export type TeamsConversation = z.infer<typeof conversation>;

/** How a bot at Teams is reached, and whom it hears. */
export const teamsConfig = z
  .strictObject({
    /** The bot's Microsoft app id. */
    appId: z.uuid(),
    /** A file that holds the app's client secret and nothing else. This, or `certificate`. */
    clientSecretFile: z.string().min(1).optional(),
    /** Files in PEM: what is registered with the app, and its key, which nobody else may read. */
    certificate: z
      .strictObject({ certificateFile: z.string().min(1), privateKeyFile: z.string().min(1) })
      .optional(),
    /**
     * Whether Graph is asked for what stands in channels and group chats after a post without an answer. The app
     * needs its owners' consent there to read messages.
     */
    askGraph: z.boolean().default(false),
    /** Of a bot that is registered for one tenant alone; absent: for several. */
    appTenant: z.uuid().optional(),
    /** Nobody else is heard. */
    tenants: z.array(z.uuid()).min(1),
    /** What every service URL must begin with. */
    serviceUrls: z.array(folderUrl).min(1).default(['https://smba.trafficmanager.net/']),
    /** By what stands after the colon of `teams:ops`. */
    conversations: z.record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), conversation),
    /** Instead of Microsoft's own. */
    endpoints: z
      .strictObject({
        tokenUrl: safeUrl,
        openIdMetadataUrl: safeUrl,
        loginUrl: folderUrl.optional(),
        graphUrl: folderUrl.optional(),
      })
      .optional(),
  })
  .superRefine(
    ({ clientSecretFile, certificate, askGraph, tenants, serviceUrls, conversations }, context) => {
      if ((clientSecretFile === undefined) === (certificate === undefined))
        context.addIssue({
          code: 'custom',
          path: ['clientSecretFile'],
          message: 'is needed, or else certificate, and not both',
        });
      for (const [name, one] of Object.entries(conversations)) {
        const { tenant, serviceUrl } = one;
        if (askGraph && one.scope === 'channel' && one.group === undefined)
          context.addIssue({
            code: 'custom',
            path: ['conversations', name, 'group'],
            message: 'is needed where askGraph is true',
          });
        if (!tenants.includes(tenant))
          context.addIssue({
            code: 'custom',
            path: ['conversations', name, 'tenant'],
            message: 'is not among tenants',
          });
        if (!isAllowedServiceUrl(serviceUrls, serviceUrl))
          context.addIssue({
            code: 'custom',
            path: ['conversations', name, 'serviceUrl'],
            message: 'begins with none of serviceUrls',
          });
      }
    },
  );

export type TeamsConfig = z.infer<typeof teamsConfig>;

/** Compared as a client would call it: `..`, upper case and a user name are no way around the list. */
export const isAllowedServiceUrl = (allowed: readonly string[], serviceUrl: string): boolean => {
  if (!URL.canParse(serviceUrl)) return false;
  const { href, username, password } = new URL(serviceUrl);
  return username === '' && password === '' && allowed.some((prefix) => asFolder(href).startsWith(prefix));
};

/** Teams writes service URLs with and without the slash at their end. */
export const asFolder = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

const BOT_FRAMEWORK_TENANT = 'botframework.com';

export interface TeamsEndpoints {
  readonly tokenUrl: string;
  readonly openIdMetadataUrl: string;
  /** The folder of tenants' token endpoints. */
  readonly loginUrl: string;
  readonly graphUrl: string;
}

const LOGIN_URL = 'https://login.microsoftonline.com/';

export const tokenUrlOf = (loginUrl: string, tenant: string): string =>
  `${loginUrl}${tenant}/oauth2/v2.0/token`;

/** Where the bot gets its tokens, the keys of those that it is shown, and what stands in its conversations. */
export const endpointsOf = ({ endpoints, appTenant }: TeamsConfig): TeamsEndpoints => ({
  tokenUrl: endpoints?.tokenUrl ?? tokenUrlOf(LOGIN_URL, appTenant ?? BOT_FRAMEWORK_TENANT),
  openIdMetadataUrl:
    endpoints?.openIdMetadataUrl ?? 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  loginUrl: endpoints?.loginUrl ?? LOGIN_URL,
  graphUrl: endpoints?.graphUrl ?? 'https://graph.microsoft.com/',
});
