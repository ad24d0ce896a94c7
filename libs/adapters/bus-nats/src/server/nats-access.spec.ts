import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nkeyVariable, writeNatsAccess } from './nats-access.ts';
import { createNkeyFile, readNkeySeed } from './nkey-file.ts';
import { SERVICE_LOGINS } from './services-server-config.ts';

const ETL_BOT = { type: 'Agent', id: 'etl-bot' };
const TOKEN = 'QWdlbnQ6OmV0bC1ib3Q';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'countersign-access-')), 'access');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const textOf = (path: string): string => readFileSync(path, 'utf8');

describe('access to NATS', () => {
  it('is a key for each login, readable by its owner alone', () => {
    const { seeds } = writeNatsAccess(folder, [ETL_BOT]);
    const paths = [...Object.values(seeds), join(folder, 'requesters', `${TOKEN}.nk`)];
    expect(paths.map((path) => statSync(path).mode & 0o777)).toEqual(paths.map(() => 0o600));
    expect(new Set(paths.map(textOf)).size).toBe(SERVICE_LOGINS.length + 1);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('tells the server public keys and no seed', () => {
    const { environment, requestUsers } = writeNatsAccess(folder, [ETL_BOT]);
    for (const login of SERVICE_LOGINS) {
      expect(textOf(environment)).toMatch(new RegExp(`^${nkeyVariable(login)}=U[A-Z2-7]{55}$`, 'm'));
    }
    expect(textOf(requestUsers)).toContain(`countersign.v1.requests.${TOKEN}`);
    expect(textOf(environment) + textOf(requestUsers)).not.toMatch(/SU[A-Z2-7]{56}/);
  });

  it('keeps the keys there are, where it is made again for one more requester', () => {
    const first = writeNatsAccess(folder, [ETL_BOT]);
    const before = [textOf(first.environment), textOf(first.seeds.intake)];
    const again = writeNatsAccess(folder, [{ type: 'Agent', id: 'deploy-bot' }]);
    expect([textOf(again.environment), textOf(again.seeds.intake)]).toEqual(before);
    expect(textOf(again.requestUsers).match(/nkey:/g)).toHaveLength(3);
  });

  it('takes the public key of a requester that keeps its seed', () => {
    const { requestUsers } = writeNatsAccess(folder, []);
    const publicKey = createNkeyFile(join(folder, 'elsewhere.nk'));
    writeFileSync(join(folder, 'requesters', `${TOKEN}.pub`), `${publicKey}\n`);
    writeNatsAccess(folder, [ETL_BOT]);
    expect(textOf(requestUsers)).toContain(publicKey);
    expect(readdirSync(join(folder, 'requesters'))).toEqual([`${TOKEN}.pub`]);
  });

  it.each([
    [
      'a name that is a wildcard',
      '*.pub',
      'UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      'invalid_requester',
    ],
    ['what is no key', `${TOKEN}.pub`, 'U1 } ] }', 'invalid_nkey'],
  ])('refuses %s', (_, name, publicKey, code) => {
    writeNatsAccess(folder, []);
    writeFileSync(join(folder, 'requesters', name), publicKey);
    expect(() => writeNatsAccess(folder, [])).toThrow(expect.objectContaining({ code }));
  });

  it('never writes over a seed, and repeats nothing of a file that holds none', () => {
    const { seeds } = writeNatsAccess(folder, []);
    expect(() => createNkeyFile(seeds.policy)).toThrow(/EEXIST/);
    writeFileSync(seeds.policy, 'SUHUSH');
    const failure = (() => {
      try {
        return readNkeySeed(seeds.policy);
      } catch (error) {
        return error;
      }
    })();
    expect(failure).toMatchObject({ code: 'invalid_nkey' });
    expect(String(failure)).not.toContain('SUHUSH');
  });
});
