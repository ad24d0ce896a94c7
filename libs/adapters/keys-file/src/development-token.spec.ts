import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEVELOPMENT_ISSUER, keysFolderOf, mintDevelopmentToken } from './development-token.ts';
import { loadOrCreateKey } from './key-folder.ts';

const NOW_MS = Date.parse('2026-11-20T10:00:00.000Z');
const ETL_BOT = { type: 'Agent', id: 'etl-bot' };

describe('a development token', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'countersign-'));
  });
  afterEach(() => rmSync(data, { recursive: true }));

  it('names its principal and initiator in Cedar notation, for as long as asked', async () => {
    const { publicKey } = loadOrCreateKey(keysFolderOf(data), DEVELOPMENT_ISSUER.keyName);
    const identity = { as: ETL_BOT, initiator: 'carol', ttlMs: 60_000 };
    const token = await mintDevelopmentToken(data, identity, NOW_MS);
    const { issuer, audience, typ } = DEVELOPMENT_ISSUER;
    const { payload } = await jwtVerify(token, publicKey, {
      issuer,
      audience,
      typ,
      currentDate: new Date(NOW_MS),
    });
    expect(payload).toMatchObject({ sub: 'Agent::"etl-bot"', act: { sub: 'User::"carol"' } });
    expect(payload.exp).toBe(NOW_MS / 1_000 + 60);
  });

  it('is refused where development mode made no key', async () => {
    await expect(mintDevelopmentToken(data, { as: ETL_BOT, ttlMs: 1 }, NOW_MS)).rejects.toMatchObject({
      code: 'no_development_issuer',
    });
  });
});
