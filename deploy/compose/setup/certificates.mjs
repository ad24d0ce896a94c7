import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
/** What every server knows. */
export const RSA = ['-newkey', 'rsa:2048', '-noenc'];
const DAYS = '825';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Makes files in a folder of their own, which appears whole or not at all; what is there stays. */
function once(folder, make) {
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  make((name) => join(unfinished, name));
  renameSync(unfinished, folder);
  return folder;
}

/** An authority: `ca.key`, which never leaves the folder, and `ca.crt`. */
export const ensureAuthority = (folder, name) =>
  once(folder, (path) => {
    const to = ['-keyout', path('ca.key'), '-out', path('ca.crt'), '-days', '3650', '-subj', `/CN=${name}`];
    const uses = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'];
    openssl('req', '-x509', ...EC, ...to, ...uses.flatMap((use) => ['-addext', use]));
  });

/** `tls.key` and `tls.crt` for a server, of an authority's; for both ends of a route it is the client's too. */
export const ensureCertificate = (folder, authority, commonName, names, key = EC) =>
  once(folder, (path) => {
    const extensions = [
      'basicConstraints=critical,CA:FALSE',
      'keyUsage=critical,digitalSignature,keyEncipherment',
      'extendedKeyUsage=serverAuth,clientAuth',
      `subjectAltName=${names.map((name) => `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',')}`,
    ];
    writeFileSync(path('extensions'), `${extensions.join('\n')}\n`);
    const subject = ['-subj', `/CN=${commonName}`];
    openssl('req', ...key, '-keyout', path('tls.key'), '-out', path('request'), ...subject);
    const by = ['-CA', join(authority, 'ca.crt'), '-CAkey', join(authority, 'ca.key'), '-CAcreateserial'];
    const to = ['-in', path('request'), '-out', path('tls.crt'), '-days', DAYS];
    openssl('x509', '-req', ...to, ...by, '-extfile', path('extensions'));
    for (const name of ['extensions', 'request']) rmSync(path(name));
  });
