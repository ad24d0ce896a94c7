// Makes what docker-compose.yml needs and no image may hold: keys, certificates, logins.
//   node main.mjs [<folder>] [<uid>]
// Each folder below it is a volume of those who may read it; `authority` is for the next run of this alone. What is
// there stays, so it can be run again. Prints no secret.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeNatsAccess } from '@countersign/bus-nats';
import { createServiceKeys } from '@countersign/keys-file';
import { ensureAuthority, ensureCertificate, RSA } from './certificates.mjs';
import { ensureIssuer, ISSUER, issuersFile } from './issuer.mjs';

const [, , root = '/setup', owner] = process.argv;
const deploy = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const SERVICES = ['intake', 'policy', 'notification', 'credentials', 'audit'];
const NODES = ['nats-1', 'nats-2', 'nats-3'];
const authority = (...path) => join(root, 'authority', ...path);

/** A file that is there stays, with what it holds. */
function ensurePassword(path) {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600 });
}

function put(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}

/** Given to who reads it, and closed to everybody else. */
function give(folder, uid = owner) {
  mkdirSync(folder, { recursive: true });
  for (const path of ['', ...readdirSync(folder, { recursive: true })].map((name) => join(folder, name))) {
    chmodSync(path, statSync(path).isDirectory() ? 0o700 : 0o600);
    if (uid !== undefined) chownSync(path, Number(uid), Number(uid));
  }
}

async function make() {
  mkdirSync(authority(), { recursive: true, mode: 0o700 });
  chmodSync(authority(), 0o700);
  createServiceKeys(authority('keys'));
  ensureAuthority(authority('servers'), 'countersign compose');
  // Of its own: whoever it vouches for is a node, and hears everything.
  ensureAuthority(authority('routes'), 'countersign compose, nodes of NATS');
  for (const node of NODES) {
    ensureCertificate(authority('tls', node), authority('servers'), node, [node, 'localhost', '127.0.0.1']);
    ensureCertificate(authority('tls', `${node}-routes`), authority('routes'), node, [
      node,
      'localhost',
      '127.0.0.1',
    ]);
  }
  // The name that KurrentDB's nodes know each other by.
  ensureCertificate(
    authority('tls', 'store'),
    authority('servers'),
    'eventstoredb-node',
    ['store', 'localhost'],
    RSA,
  );
  for (const service of SERVICES) ensurePassword(authority('store-passwords', service));
  ensurePassword(authority('store-passwords', 'admin'));
  await ensureIssuer(join(root, 'issuer'));
  return writeNatsAccess(authority('nats'), [
    { type: 'Agent', id: 'etl-bot' },
    { type: 'Agent', id: 'deploy-bot' },
  ]);
}

function deal(access) {
  for (const service of SERVICES) {
    const own = join(root, service);
    put(authority('keys', service), join(own, 'keys'));
    put(access.seeds[service], join(own, 'nats.nk'));
    if (service === 'intake') put(access.seeds.requests, join(own, 'requests.nk'));
    put(authority('store-passwords', service), join(own, 'store-password'));
    give(own);
  }
  for (const node of NODES) {
    const config = join(root, node);
    put(join(deploy, 'nats', 'cluster.conf'), join(config, 'cluster.conf'));
    put(access.environment, join(config, 'services.env'));
    put(access.requestUsers, join(config, 'requesters.conf'));
    put(authority('tls', node), join(config, 'tls'));
    put(authority('tls', `${node}-routes`), join(config, 'routes'));
    put(authority('routes', 'ca.crt'), join(config, 'routes', 'ca.crt'));
    give(config);
    give(join(root, `${node}-data`));
  }
  put(authority('tls', 'store'), join(root, 'store'));
  put(authority('servers', 'ca.crt'), join(root, 'store', 'ca', 'ca.crt'));
  // The user of KurrentDB's image.
  give(join(root, 'store'), owner === undefined ? undefined : 1000);
  put(authority('store-passwords'), join(root, 'store-admin'));
  give(join(root, 'store-admin'));
  give(join(root, 'issuer'));
}

/** What everybody may read, and nobody may change. */
function publish() {
  const open = join(root, 'public');
  put(authority('keys', 'public'), join(open, 'keys'));
  put(authority('servers', 'ca.crt'), join(open, 'ca.crt'));
  put(join(root, 'issuer', 'jwks.json'), join(open, 'jwks.json'));
  writeFileSync(join(open, 'issuers.yaml'), issuersFile());
  const policies = join(open, 'policies');
  rmSync(policies, { recursive: true, force: true });
  put(join(deploy, 'samples', 'acme'), policies);
  // In development acme's people are known to the issuer of development; here to the one above.
  const directory = join(policies, 'directory.yaml');
  const text = readFileSync(directory, 'utf8');
  writeFileSync(directory, text.replaceAll('urn:countersign:development', ISSUER));
  for (const name of ['', ...readdirSync(open, { recursive: true })]) {
    const path = join(open, name);
    chmodSync(path, /\.[a-z]+$/.test(name) ? 0o644 : 0o755);
  }
}

deal(await make());
publish();
console.log(`Keys, certificates and logins are in ${root}.`);
