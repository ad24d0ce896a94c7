import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from './harness/api.ts';
import { CountersignProcess, inRoot } from './harness/countersign-process.ts';
import { freePort, Nats } from './harness/nats.ts';

const READY_MS = 60_000;

/** A call of each that needs authentication, so that its own routes are there. */
const APPS = [
  ['intake', '/v1/requests/5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11'],
  ['policy', '/v1/reviews?status=open'],
  ['credentials', '/v1/grants/5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11/outcome'],
  ['notification', ''],
  ['audit', '/v1/audit/requests'],
] as const;

let nats: Nats;
beforeAll(async () => {
  nats = await Nats.up();
});
afterAll(() => nats.dispose());

const startApp = async (app: string, dataFolder: string): Promise<CountersignProcess> => {
  const port = String(await freePort());
  return CountersignProcess.start({
    main: inRoot(`apps/${app}/dist/main.js`),
    address: `http://127.0.0.1:${port}`,
    env: {
      COUNTERSIGN_MODE: 'development',
      COUNTERSIGN_DATA: dataFolder,
      COUNTERSIGN_POLICIES: inRoot('deploy/samples/acme'),
      COUNTERSIGN_PORT: port,
      ...nats.env,
    },
  });
};

const statusOf = async (api: Api, path: string): Promise<number | string> => {
  try {
    return (await api.get(path)).status;
  } catch {
    return 'it does not listen';
  }
};

/** How each app's call is answered without a token: 401 where it is served. */
const servedBy = (api: Api): Promise<readonly (number | string)[]> =>
  Promise.all(
    APPS.map(async ([, path]) => {
      if (path === '') return 'none';
      return path.endsWith('/outcome') ? (await api.post(path)).status : (await api.get(path)).status;
    }),
  );

describe('alone, in a folder of its own,', () => {
  it.concurrent.each(APPS)(
    '%s is ready, serves its calls and no others, and stops cleanly',
    async (app) => {
      const folder = mkdtempSync(join(tmpdir(), `countersign-${app}-`));
      const started = await startApp(app, folder);
      try {
        const api = new Api(started.address, {});
        await expect.poll(() => statusOf(api, '/health/ready'), { timeout: READY_MS }).toBe(200);
        expect(await servedBy(api)).toEqual(
          APPS.map(([other, call]) => (call === '' ? 'none' : other === app ? 401 : 404)),
        );
        expect(await started.signal('SIGTERM')).toEqual({ code: 0, signal: null });
      } finally {
        await started.signal('SIGKILL');
        rmSync(folder, { recursive: true, force: true });
      }
    },
    READY_MS * 2,
  );

  it.concurrent('says what is missing where no NATS server is named', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-alone-'));
    const started = CountersignProcess.start({
      main: inRoot('apps/intake/dist/main.js'),
      env: { COUNTERSIGN_MODE: 'development', COUNTERSIGN_DATA: folder },
    });
    await expect(started).rejects.toThrow(/It ended \(78\)[^]*NATS_URL/);
    rmSync(folder, { recursive: true, force: true });
  });
});
