import { GRANT_TOKEN_KEY, RECEIPT_KEY, type JwksView } from '@countersign/contracts';
import type { NamedKeys } from '@countersign/service-host';

/** By these names among the keys: ours, and the intake's for receipts. */
const PUBLISHED = [GRANT_TOKEN_KEY, RECEIPT_KEY] as const;

/** What outsiders verify by. Keys for commands and appends are nobody's business outside. */
export class PublishedKeys {
  readonly #keys: Pick<NamedKeys, 'publicKeys'>;

  constructor(keys: Pick<NamedKeys, 'publicKeys'>) {
    this.#keys = keys;
  }

  async jwks(): Promise<JwksView> {
    const published = await Promise.all(PUBLISHED.map((name) => this.#keys.publicKeys(name)));
    return { keys: published.flat().map(({ publicJwk }) => publicJwk) };
  }
}
