import { dirname, resolve } from 'node:path';
import { issuersFile, type IssuerConfig } from './issuer-config.ts';
import { readSettingsFile } from './read-settings-file.ts';

/** The file's issuers; a relative `jwksFile` is relative to it. */
export const readIssuers = (path: string): readonly IssuerConfig[] =>
  readSettingsFile('COUNTERSIGN_ISSUERS', path, issuersFile).map((issuer) =>
    issuer.jwksFile === undefined ? issuer : { ...issuer, jwksFile: resolve(dirname(path), issuer.jwksFile) },
  );
