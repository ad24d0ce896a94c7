import { readFile, stat } from 'node:fs/promises';
import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';

/** Keys of a JWKS file, read again when the file has changed, so that a rotation needs no restart. */
export const fileKeySet = (path: string): JWTVerifyGetKey => {
  let loaded: { readonly changed: number; readonly keys: JWTVerifyGetKey } | undefined;
  const load = async (): Promise<JWTVerifyGetKey> => {
    const { mtimeMs } = await stat(path);
    if (loaded?.changed !== mtimeMs) {
      const jwks = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet;
      loaded = { changed: mtimeMs, keys: createLocalJWKSet(jwks) };
    }
    return loaded.keys;
  };
  return async (header, token) => (await load())(header, token);
};
