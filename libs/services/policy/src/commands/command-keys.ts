import type { CommandKeys } from '@countersign/bus';
import { commandKeyName } from '@countersign/contracts';
import type { PublicTokenKey } from '@countersign/service-host';

/** What of the named keys is needed here. */
interface PublishedKeys {
  publicKeys(name: string): Promise<readonly Pick<PublicTokenKey, 'kid' | 'publicKey'>[]>;
}

/** The public keys by which services sign command proofs, by their names among the keys. */
export const commandKeysOf = (keys: PublishedKeys): CommandKeys => ({
  publicKey: async (service, kid) => {
    const published = await keys.publicKeys(commandKeyName(service));
    return published.find((key) => key.kid === kid)?.publicKey;
  },
});
