import { randomUUID, type KeyObject } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError, formatEntity, type EntityRef } from '@countersign/kernel';
import { SignJWT } from 'jose';
import { loadOrCreateKey } from './key-folder.ts';

/** The issuer that development mode trusts, and no other mode knows. */
export const DEVELOPMENT_ISSUER = {
  issuer: 'urn:countersign:development',
  audience: 'countersign',
  typ: 'countersign-identity+jwt',
  algorithm: 'EdDSA',
  keyName: 'dev-issuer',
} as const;

export interface DevelopmentIdentity {
  readonly as: EntityRef;
  /** Id of the person acting through a requester (RFC 8693 `act`). */
  readonly initiator?: string | undefined;
  readonly ttlMs: number;
}

/** A token for anybody named: whoever can read the key is whoever they like. */
export const signDevelopmentToken = async (
  key: { readonly kid: string; readonly privateKey: KeyObject },
  { as, initiator, ttlMs }: DevelopmentIdentity,
  nowMs: number,
): Promise<string> => {
  const nowS = Math.floor(nowMs / 1_000);
  const act = initiator === undefined ? {} : { act: { sub: formatEntity({ type: 'User', id: initiator }) } };
  return new SignJWT(act)
    .setProtectedHeader({ alg: DEVELOPMENT_ISSUER.algorithm, typ: DEVELOPMENT_ISSUER.typ, kid: key.kid })
    .setIssuer(DEVELOPMENT_ISSUER.issuer)
    .setAudience(DEVELOPMENT_ISSUER.audience)
    .setSubject(formatEntity(as))
    .setIssuedAt(nowS)
    .setExpirationTime(nowS + Math.ceil(ttlMs / 1_000))
    .setJti(randomUUID())
    .sign(key.privateKey);
};

/** Where a process keeps its keys below its data folder. */
export const keysFolderOf = (dataFolder: string): string => join(dataFolder, 'keys');

/**
 * For tools beside the running process. The key is the one that development mode made: none is made here,
 * so a production folder (or a wrong one) is `no_development_issuer`.
 */
export const mintDevelopmentToken = async (
  dataFolder: string,
  identity: DevelopmentIdentity,
  nowMs: number,
): Promise<string> => {
  const folder = keysFolderOf(dataFolder);
  if (!existsSync(join(folder, `${DEVELOPMENT_ISSUER.keyName}.pem`))) {
    throw new CodedError(
      'no_development_issuer',
      `${dataFolder} holds no development issuer; start Countersign in development mode, or name its folder with COUNTERSIGN_DATA.`,
      { field: dataFolder },
    );
  }
  return signDevelopmentToken(loadOrCreateKey(folder, DEVELOPMENT_ISSUER.keyName), identity, nowMs);
};
