import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { ConfigError } from './config-error.ts';
import { issuersFile, type IssuerConfig } from './issuer-config.ts';

const VARIABLE = 'COUNTERSIGN_ISSUERS';

const readDocument = (path: string): unknown => {
  try {
    return parse(readFileSync(path, 'utf8'), { uniqueKeys: true, strict: true, maxAliasCount: 0 });
  } catch (cause) {
    throw new ConfigError(VARIABLE, `${path} can't be read as YAML or JSON.`, cause);
  }
};

/** The file's issuers; a relative `jwksFile` is relative to it. */
export const readIssuers = (path: string): readonly IssuerConfig[] => {
  const result = issuersFile.safeParse(readDocument(path));
  if (!result.success) {
    const [issue] = result.error.issues;
    const where = issue?.path.map(String).join('.') ?? '';
    throw new ConfigError(VARIABLE, `${path}, ${where}: ${issue?.message ?? 'unusable'}`, result.error);
  }
  return result.data.map((issuer) =>
    issuer.jwksFile === undefined ? issuer : { ...issuer, jwksFile: resolve(dirname(path), issuer.jwksFile) },
  );
};
