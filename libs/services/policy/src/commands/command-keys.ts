import type { CommandKeys } from '@countersign/bus';
import type { NamedKeys } from '@countersign/service-host';

/** The public keys by which services sign command proofs, by their names among the keys. */
export const commandKeysOf = (keys: NamedKeys): CommandKeys => ({
  publicKey: async (service, kid) => {
    const published = await keys.publicKeys(`command-${service}`);
    return published.find((key) => key.kid === kid)?.publicKey;
  },
});
