// Gives the store its users and rights, as docs/event-store.md says, and the administrator a password of its own.
//   node store.mjs https://store:2113 <folder of passwords> <file of authorities, as in NODE_EXTRA_CA_CERTS>
// Can be run again. Not run against a server here: no Docker engine was to be had where this was written.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';

const [, , address, folder, authorities] = process.argv;
const SERVICES = ['intake', 'policy', 'notification', 'credentials', 'audit'];
/** What every KurrentDB begins with. */
const FIRST_PASSWORD = 'changeit';
const admin = { username: 'admin', password: passwordOf('admin') };

function passwordOf(name) {
  return readFileSync(join(folder, name), 'utf8').trim();
}

async function call(method, path, body, { username, password } = admin) {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json', accept: 'application/json' };
  return fetch(new URL(path, address), { method, headers, ...(body && { body: JSON.stringify(body) }) });
}

async function must(what, answer) {
  const { ok, status } = await answer;
  if (!ok) throw new Error(`The store refused to ${what}: HTTP ${status}.`);
}

async function ensureAdmin() {
  if ((await call('GET', '/users/admin')).ok) return;
  const first = { ...admin, password: FIRST_PASSWORD };
  const body = { newPassword: admin.password };
  for (const user of ['ops', 'admin']) {
    await must(
      `set the password of ${user}`,
      call('POST', `/users/${user}/command/reset-password`, body, first),
    );
  }
}

async function ensureUser(service) {
  const loginName = `countersign-${service}`;
  if ((await call('GET', `/users/${loginName}`)).ok) return;
  const body = { loginName, fullName: loginName, groups: ['countersign'], password: passwordOf(service) };
  await must(`make the user ${loginName}`, call('POST', '/users/', body));
}

/** Each is replaced by the same again: the newest event of a stream of settings holds. */
async function setRights() {
  const client = EventStoreDBClient.connectionString`esdb://${new URL(address).host}?tlsCaFile=${authorities}`;
  const ours = ['$admins', 'countersign'];
  const defaults = {
    $userStreamAcl: { $r: ours, $w: ours, $d: '$admins', $mr: ours, $mw: '$admins' },
    $systemStreamAcl: { $r: '$admins', $w: '$admins', $d: '$admins', $mr: '$admins', $mw: '$admins' },
  };
  const settings = [
    ['$settings', jsonEvent({ type: 'update-default-acl', data: defaults })],
    ['$$$all', jsonEvent({ type: '$metadata', data: { $acl: { $r: ours } } })],
  ];
  for (const [stream, event] of settings) {
    await client.appendToStream(stream, event, { credentials: admin, throwOnAppendFailure: true });
  }
  await client.dispose();
}

await ensureAdmin();
for (const service of SERVICES) await ensureUser(service);
await setRights();
console.log('The store has its users and rights.');
