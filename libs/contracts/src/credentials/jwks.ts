import { z } from 'zod';

/** RFC 7517; Ed25519 keys as RFC 8037 writes them. */
export const jwksView = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.literal('OKP'),
      crv: z.literal('Ed25519'),
      x: z.string(),
      kid: z.string(),
      alg: z.literal('EdDSA'),
      use: z.literal('sig'),
    }),
  ),
});
export type JwksView = z.infer<typeof jwksView>;
