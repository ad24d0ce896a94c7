import { AuthenticationError } from './authentication-error.ts';

const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

/** The token of an Authorization header (RFC 6750 §2.1); anything else is `unauthenticated`. */
export const bearerToken = (header: string | undefined): string => {
  const token = BEARER.exec(header ?? '')?.[1];
  if (token === undefined) throw new AuthenticationError('unauthenticated');
  return token;
};
