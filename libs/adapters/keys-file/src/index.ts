export { loadKeyRing, type PublicKey } from './file-key-ring.ts';
export { loadOrCreateKey, rotateKey } from './key-folder.ts';
export type { PublicJwk, SigningKey } from './signing-key.ts';
export {
  DEVELOPMENT_ISSUER,
  keysFolderOf,
  mintDevelopmentToken,
  type DevelopmentIdentity,
} from './development-token.ts';
