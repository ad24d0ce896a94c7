import { AuthenticationError } from './authentication-error.ts';

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/**
 * The token of the one Authorization header (RFC 6750 §2.1); anything else is `unauthenticated`. Where two
 * stand, what came before us may have looked at the other one.
 */
export const bearerToken = (headers: readonly string[] | undefined): string => {
  const [header, second] = headers ?? [];
  const token = second === undefined ? BEARER.exec(header ?? '')?.[1] : undefined;
  if (token === undefined) throw new AuthenticationError('unauthenticated');
  return token;
};
