import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';

const ISSUER = 'https://api.botframework.com';

export interface BotToken {
  /** `Bearer ...`, as it came. */
  readonly authorization: string;
  /** The one service that the bearer speaks for. */
  readonly serviceUrl: string;
}

const headerSchema = z.looseObject({ alg: z.enum(['RS256', 'RS384', 'RS512']), kid: z.string().min(1) });

/**
 * What a token says that Teams would send to this bot; undefined for any other. Nothing is verified by this. It comes
 * first because the library has further ways to accept a token, by its issuer or by what the body says of itself
 * (the emulator's, another bot's, another channel's), and none of them may be taken.
 */
export const readBotToken = (authorization: string | undefined, appId: string): BotToken | undefined => {
  const [, token] =
    /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/.exec(authorization ?? '') ?? [];
  if (authorization === undefined || token === undefined) return undefined;
  const claimsSchema = z.looseObject({
    iss: z.literal(ISSUER),
    aud: z.literal(appId),
    exp: z.number(),
    serviceurl: z.string().min(1),
  });
  try {
    headerSchema.parse(decodeProtectedHeader(token));
    const { serviceurl } = claimsSchema.parse(decodeJwt(token));
    return { authorization, serviceUrl: serviceurl };
  } catch {
    return undefined;
  }
};
