import { PRINCIPAL_KINDS, type PrincipalKind } from '@countersign/domain-directory';
import { z } from 'zod';

/** Asymmetric only: with a shared secret whoever verifies could also sign. */
export const SIGNING_ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
] as const;

const issuerConfig = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .max(500)
      .refine(
        (name) => !/^(urn:countersign:|countersign\/)/.test(name),
        'this name is reserved for Countersign itself',
      ),
    audience: z.string().min(1).max(500),
    algorithms: z.array(z.enum(SIGNING_ALGORITHMS)).min(1),
    /** Header `typ` that its identity tokens carry, compared as RFC 7515 §4.1.9 says. */
    typ: z.string().min(1).default('at+jwt'),
    /** The kinds of principals this issuer may speak for. */
    kinds: z.array(z.enum(PRINCIPAL_KINDS)).min(1),
    jwksUri: z.url({ protocol: /^https?$/ }).optional(),
    jwksFile: z.string().min(1).optional(),
    claims: z
      .strictObject({
        /** A claim that holds the initiator's `sub` at `initiatorIssuer`; RFC 8693 `act` is read without it. */
        initiator: z.string().min(1).optional(),
        /** Issuer of that `sub`; absent: the token's own. */
        initiatorIssuer: z.string().min(1).optional(),
      })
      .default({}),
  })
  .refine((issuer) => (issuer.jwksUri === undefined) !== (issuer.jwksFile === undefined), {
    message: 'give exactly one of jwksUri and jwksFile',
    path: ['jwksUri'],
  })
  .refine((issuer) => issuer.jwksUri === undefined || isConfidential(issuer.jwksUri), {
    message: 'fetch keys over https; plain http is for loopback only',
    path: ['jwksUri'],
  })
  .refine((issuer) => !issuer.typ.toLowerCase().includes('countersign-'), {
    message: "types of Countersign's own tokens can't name an identity",
    path: ['typ'],
  });

export const issuersFile = z
  .array(issuerConfig)
  .refine((issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length, {
    message: 'each issuer may stand here once',
  });

export type IssuerConfig = z.infer<typeof issuerConfig>;

export const speaksFor = (issuer: IssuerConfig, kind: PrincipalKind): boolean => issuer.kinds.includes(kind);

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]', '::1']);

export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

const isConfidential = (uri: string): boolean => {
  const { protocol, hostname } = new URL(uri);
  return protocol === 'https:' || isLoopback(hostname);
};
