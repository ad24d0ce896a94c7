import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysFolderOf } from '@countersign/keys-file';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Countersign } from './harness/countersign.ts';
import {
  ALICE,
  approve,
  awaitStatus,
  BOB,
  CAROL,
  claim,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  GATEWAY,
  redeem,
  redemptionOf,
  RELEASE,
  report,
  smallExport,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';
import { processesNaming } from './harness/processes.ts';

/** Where secrets belong: the keys, and how requesters reach the NATS server. */
const SAFE = ['keys', 'nats-requester.json'];

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

interface Spoken {
  readonly where: string;
  readonly text: string;
}

const stored = (dataFolder: string): readonly Spoken[] =>
  filesIn(dataFolder)
    .filter((path) => !SAFE.some((safe) => path.startsWith(join(dataFolder, safe))))
    .map((path) => ({ where: path.slice(dataFolder.length), text: readFileSync(path, 'latin1') }));

let countersign: Countersign;
const secrets = new Map<string, string>();
const spoken: Spoken[] = [];

const use = async (as: string, initiator?: string) => {
  const token = await countersign.token(as, initiator);
  secrets.set(`the token of ${as}`, token);
  return countersign.apiWith(token);
};

/** Lives of many kinds, refusals and mistakes of every kind of caller included. */
const live = async (): Promise<void> => {
  const [etlBot, deployBot, release, gateway] = [
    await use(ETL_BOT),
    await use(DEPLOY_BOT),
    await use(RELEASE, 'carol'),
    await use(GATEWAY),
  ];
  const [alice, bob, carol] = [await use(ALICE), await use(BOB), await use(CAROL)];
  const pending = await awaitStatus(etlBot, (await submit(etlBot, smallExport())).id, 'pending');
  await decide(carol, pending);
  await approve(alice, pending);
  const { token, grantId } = await claim(etlBot, pending.id);
  secrets.set('the action token', token);
  await gateway.post('/v1/grants/redemptions', redemptionOf(pending, token));
  await etlBot.post('/v1/grants/redemptions', { ...redemptionOf(pending, token), context: {} });
  await etlBot.post('/v1/grants/redemptions', redemptionOf(pending, `${token}x`));
  await countersign.apiWith(token).get(`/v1/requests/${pending.id}`);
  await redeem(etlBot, pending, token);
  await report(etlBot, grantId);
  await etlBot.get(`/v1/requests/${pending.id}?access_token=${secrets.get(`the token of ${ETL_BOT}`)}`);
  await etlBot.post('/v1/requests', `{"action": "${secrets.get(`the token of ${ETL_BOT}`)}`);
  await submit(release, stagingRead());
  const denied = await awaitStatus(deployBot, (await submit(deployBot, smallExport())).id, 'pending');
  await decide(bob, denied, 'approve');
  await decide(alice, denied, 'deny');
  await etlBot.post(`/v1/requests/${(await submit(etlBot, smallExport())).id}/cancellation`);
};

const collectSecrets = (): void => {
  const { user, pass } = JSON.parse(
    readFileSync(join(countersign.dataFolder, 'nats-requester.json'), 'utf8'),
  ) as Record<string, string>;
  secrets.set(`the password of NATS' ${user}`, pass!);
  for (const path of filesIn(keysFolderOf(countersign.dataFolder)).filter((name) => name.endsWith('.pem'))) {
    const [, body = ''] = readFileSync(path, 'utf8').split('\n');
    secrets.set(`the private key ${path}`, body);
  }
};

beforeAll(async () => {
  countersign = await Countersign.start({ env: { COUNTERSIGN_LOG_LEVEL: 'debug' } });
  await live();
  collectSecrets();
  const programs = processesNaming(countersign.dataFolder);
  spoken.push(...programs.map(({ pid, argv }) => ({ where: `arguments of ${pid}`, text: argv.join(' ') })));
  spoken.push(...stored(countersign.dataFolder));
  const [metrics, openApi] = await Promise.all(
    ['/metrics', '/openapi.json'].map((path) => countersign.apiWith().get(path)),
  );
  spoken.push({ where: '/metrics', text: metrics!.text }, { where: '/openapi.json', text: openApi!.text });
  await countersign.stop();
  // Also as they were written: a page of SQLite may end in the middle of a word.
  spoken.push({ where: 'events', text: JSON.stringify(countersign.log.events()) });
  spoken.push(...stored(countersign.dataFolder), { where: 'what it printed', text: countersign.output });
});
afterAll(() => countersign.dispose());

const whereIs = (found: (text: string) => boolean): readonly string[] =>
  spoken.filter(({ text }) => found(text)).map(({ where }) => where);

describe('all that a whole run printed and stored', () => {
  it('is looked at whole', () => {
    const places = spoken.map(({ where }) => where);
    expect(places).toEqual(expect.arrayContaining(['/log/events.db', 'what it printed']));
    expect(places.filter((where) => where.startsWith('/views/')).length).toBeGreaterThan(3);
    expect(whereIs((text) => text.includes('"decision":"deny"')).length).toBeGreaterThan(0);
    expect(secrets.size).toBeGreaterThan(12);
  });

  it('holds none of the tokens, private keys and passwords that were used', () => {
    expect(Math.min(...[...secrets.values()].map(({ length }) => length))).toBeGreaterThan(20);
    const found = [...secrets].map(([name, secret]) => [name, whereIs((text) => text.includes(secret))]);
    expect(found.filter(([, places]) => places!.length > 0)).toEqual([]);
  });

  it('holds nothing that looks like a token or a private key', () => {
    expect(whereIs((text) => /eyJ[\w-]{10,}\.[\w-]+\.[\w-]{10,}/.test(text))).toEqual([]);
    expect(whereIs((text) => /PRIVATE KEY|"d":"[\w-]{43}"/.test(text))).toEqual([]);
    expect(whereIs((text) => /bearer\s+[\w-]{20,}/i.test(text))).toEqual([]);
  });
});
