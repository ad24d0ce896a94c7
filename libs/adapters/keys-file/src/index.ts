export { loadKeyRing, loadPublicKeys, type PublicKey } from './file-key-ring.ts';
export { loadOrCreateKey, publicFolderOf, rotateKey } from './key-folder.ts';
export { createServiceKeys, folderHolding, serviceKeyFolder } from './service-key-folders.ts';
export type { PublicJwk, SigningKey } from './signing-key.ts';
export {
  DEVELOPMENT_ISSUER,
  keysFolderOf,
  mintDevelopmentToken,
  type DevelopmentIdentity,
} from './development-token.ts';
