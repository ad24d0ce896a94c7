import { randomUUID } from 'node:crypto';
import type { Clock } from '@countersign/kernel';
import { SignJWT } from 'jose';
import type { AppCertificate } from './read-certificate.ts';

/** How the app proves itself at the token endpoint with this address: members of the form that is sent there. */
export type ClientCredential = (tokenUrl: string) => Promise<Readonly<Record<string, string>>>;

export const secretCredential =
  (secret: string): ClientCredential =>
  () =>
    Promise.resolve({ client_secret: secret });

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const LIFE_S = 300;

export interface CertificateCredentialParts {
  readonly appId: string;
  readonly certificate: AppCertificate;
  readonly clock: Clock;
}

/** An assertion that the certificate's key signed for this one endpoint and a few minutes (RFC 7523), each its own. */
export const certificateCredential =
  ({ appId, certificate, clock }: CertificateCredentialParts): ClientCredential =>
  async (tokenUrl) => {
    const now = Math.floor(clock.nowMs() / 1_000);
    const assertion = await new SignJWT({ jti: randomUUID() })
      .setProtectedHeader({ alg: 'PS256', typ: 'JWT', 'x5t#S256': certificate.thumbprint })
      .setIssuer(appId)
      .setSubject(appId)
      .setAudience(tokenUrl)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + LIFE_S)
      .sign(certificate.key);
    return { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion };
  };
