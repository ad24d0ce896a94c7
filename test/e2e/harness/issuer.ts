import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Members = Readonly<Record<string, unknown>>;

export interface TokenParts {
  /** Members of the payload that differ; an undefined one is left out. */
  readonly claims?: Members;
  /** Members of the header that differ. */
  readonly header?: Members;
  /** Bytes sign by HMAC, whatever the header says. */
  readonly key?: KeyObject | Uint8Array;
}

const HOUR_S = 3_600;

export const nowS = (): number => Math.floor(Date.now() / 1_000);

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const signatureOf = (text: string, key: KeyObject | Uint8Array): string =>
  key instanceof Uint8Array
    ? createHmac('sha256', key).update(text).digest('base64url')
    : sign(null, Buffer.from(text), key).toString('base64url');

/** A JWT (RFC 7519) made by hand, because no library would make the ones that have to be refused. */
export const makeToken = (header: Members, claims: Members, key: KeyObject | Uint8Array): string => {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, key)}`;
};

/** RFC 7519 §6: a token that says it needs no signature, and has none. */
export const unsecured = (token: string, alg: string): string => {
  const [header = '', payload = ''] = token.split('.');
  const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as Members;
  return `${encode({ ...parsed, alg })}.${payload}.`;
};

/** An identity provider of a test's own, that signs whatever it is told to. */
export class Issuer {
  readonly keys = generateKeyPairSync('ed25519');
  readonly name: string;
  readonly #kinds: readonly string[];

  /** `kinds`: the principals it may speak for. */
  constructor(name: string, kinds: readonly string[]) {
    this.name = name;
    this.#kinds = kinds;
  }

  /** A good token of `sub`, but for what is told otherwise. */
  sign(sub: string, { claims, header, key = this.keys.privateKey }: TokenParts = {}): string {
    const [iat, exp] = [nowS(), nowS() + HOUR_S];
    return makeToken(
      { alg: 'EdDSA', typ: 'at+jwt', kid: this.name, ...header },
      { iss: this.name, aud: 'countersign', sub, iat, exp, ...claims },
      key,
    );
  }

  /** Its entry in a file of issuers; its key set is written into the folder. */
  publish(folder: string, index: number): object {
    const path = join(folder, `jwks-${index}.json`);
    const jwk = { ...this.keys.publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: this.name };
    writeFileSync(path, JSON.stringify({ keys: [jwk] }));
    return {
      issuer: this.name,
      audience: 'countersign',
      algorithms: ['EdDSA'],
      kinds: this.#kinds,
      jwksFile: path,
    };
  }
}
