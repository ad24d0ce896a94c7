import { generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { SERVICE_NAMES, type KeyRing, type ServiceName, type Signer } from '@countersign/kernel';

export interface TestKeys {
  signer(service: ServiceName): Signer;
  readonly keyRing: KeyRing;
}

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const kidOf = (service: ServiceName): string => `test-${service}`;

/** Real Ed25519 keys for all five services, in memory: signatures are made and verified, never assumed. */
export const testKeys = (): TestKeys => {
  const pairs = new Map<string, Pair>(
    SERVICE_NAMES.map((service) => [kidOf(service), generateKeyPairSync('ed25519')]),
  );
  const pairOf = (kid: string): Pair => {
    const pair = pairs.get(kid);
    if (pair === undefined) throw new Error(`There is no test key ${kid}.`);
    return pair;
  };
  return {
    signer: (service) => ({
      kid: kidOf(service),
      sign: (bytes) => sign(null, bytes, pairOf(kidOf(service)).privateKey),
    }),
    keyRing: {
      verify: (service, kid, bytes, signature) =>
        kid === kidOf(service) && verify(null, bytes, pairOf(kid).publicKey, signature),
    },
  };
};
