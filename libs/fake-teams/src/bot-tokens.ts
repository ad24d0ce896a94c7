import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose';

const DAY_S = 86_400;
const ISSUER = 'https://api.botframework.com';

/** The keys that a token may be signed with, each published but the last. */
export type TokenKeyName =
  /** As the Bot Framework's are: endorsed for Teams. */
  | 'teams'
  /** Endorsed for another channel alone. */
  | 'webchat'
  /** Published without a word on whom it may speak for. */
  | 'unendorsed'
  /** Not published: somebody else's, under the id of the first. */
  | 'stranger';

const ENDORSEMENTS: Readonly<Record<Exclude<TokenKeyName, 'stranger'>, readonly string[] | undefined>> = {
  teams: ['msteams'],
  webchat: ['webchat'],
  unendorsed: undefined,
};

export interface TokenChanges {
  readonly key?: TokenKeyName;
  /** Over what a good token claims; `undefined` takes a claim away. */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Unsigned, with `alg: none`. */
  readonly unsigned?: boolean;
}

interface TokenKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

const makeKey = async (name: TokenKeyName): Promise<TokenKey> => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = name === 'stranger' ? 'teams' : name;
  return { kid, privateKey, jwk: await exportJWK(publicKey) };
};

const NAMES: readonly TokenKeyName[] = ['teams', 'webchat', 'unendorsed', 'stranger'];

type TokenKeys = ReadonlyMap<TokenKeyName, TokenKey>;

let made: Promise<TokenKeys> | undefined;

/** Making them takes a while, so all of a process share them. */
const tokenKeys = (): Promise<TokenKeys> =>
  (made ??= Promise.all(NAMES.map(async (name) => [name, await makeKey(name)] as const)).then(
    (keys) => new Map(keys),
  ));

/** Speaks for the Bot Framework: publishes keys and mints what Teams proves itself with, and what it never would. */
export class BotTokens {
  readonly #keys: TokenKeys;
  readonly #appId: string;
  readonly #serviceUrl: string;

  private constructor(keys: TokenKeys, appId: string, serviceUrl: string) {
    this.#keys = keys;
    this.#appId = appId;
    this.#serviceUrl = serviceUrl;
  }

  static async make(appId: string, serviceUrl: string): Promise<BotTokens> {
    return new BotTokens(await tokenKeys(), appId, serviceUrl);
  }

  get jwks(): { readonly keys: readonly object[] } {
    const published = ['teams', 'webchat', 'unendorsed'] as const;
    return {
      keys: published.map((name) => ({
        ...this.#key(name).jwk,
        kid: name,
        use: 'sig',
        ...(ENDORSEMENTS[name] && { endorsements: ENDORSEMENTS[name] }),
      })),
    };
  }

  /** A token that Teams would send, unless it is told to differ. */
  async mint({ key = 'teams', claims = {}, header = {}, unsigned }: TokenChanges = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const good = { serviceurl: this.#serviceUrl, nbf: now - 60, exp: now + DAY_S };
    const payload = Object.fromEntries(
      Object.entries({ iss: ISSUER, aud: this.#appId, ...good, ...claims }).filter(
        ([, value]) => value !== undefined,
      ),
    );
    if (unsigned) return new UnsecuredJWT(payload).encode();
    const { kid, privateKey } = this.#key(key);
    return new SignJWT(payload)
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, ...header })
      .sign(privateKey);
  }

  #key(name: TokenKeyName): TokenKey {
    const key = this.#keys.get(name);
    if (key === undefined) throw new Error(`There is no key ${name}.`);
    return key;
  }
}
