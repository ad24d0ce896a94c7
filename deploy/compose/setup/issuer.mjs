import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importPKCS8, exportPKCS8, SignJWT } from 'jose';

/** Stands for your identity provider. Whoever has its key is everybody. */
export const ISSUER = 'https://issuer.compose.invalid';
const KEY = { kid: 'compose', alg: 'ES256' };

/** `issuer.pem`, and `jwks.json` with its public half; what is there stays. */
export async function ensureIssuer(folder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'issuer.pem');
  if (existsSync(path)) return;
  const { privateKey, publicKey } = await generateKeyPair(KEY.alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), ...KEY, use: 'sig' };
  writeFileSync(join(folder, 'jwks.json'), `${JSON.stringify({ keys: [jwk] })}\n`);
  writeFileSync(`${path}.new`, await exportPKCS8(privateKey), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The file of trusted issuers, beside `jwks.json`. */
export const issuersFile = () =>
  `${JSON.stringify([
    {
      issuer: ISSUER,
      audience: 'countersign',
      algorithms: [KEY.alg],
      kinds: ['User', 'Agent', 'Pipeline', 'Service'],
      jwksFile: 'jwks.json',
    },
  ])}\n`;

/** A token of an hour for anybody: `subject` is a principal in Cedar's notation. */
export async function mintToken(folder, subject, nowS) {
  const key = await importPKCS8(readFileSync(join(folder, 'issuer.pem'), 'utf8'), KEY.alg);
  return new SignJWT({})
    .setProtectedHeader({ alg: KEY.alg, kid: KEY.kid, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience('countersign')
    .setSubject(subject)
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + 3_600)
    .sign(key);
}
