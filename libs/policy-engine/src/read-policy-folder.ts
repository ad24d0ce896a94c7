import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CodedError } from '@countersign/kernel';
import { belongsToSet, isTestFile } from './parse-policy-set.ts';
import { PolicySetError } from './policy-set-error.ts';
import type { PolicyFile } from './policy-set.ts';

const decode = (path: string, bytes: Uint8Array): PolicyFile => {
  try {
    // The content is kept as it stands, a byte order mark included: digests are over what was written.
    return { path, content: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    throw new PolicySetError([
      { file: path, code: 'malformed_utf8', message: 'The file is not UTF-8; save it as UTF-8.' },
    ]);
  }
};

const readFiles = async (
  folder: string,
  wanted: (path: string) => boolean,
): Promise<readonly PolicyFile[]> => {
  const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new CodedError(
      'policy_folder_unreadable',
      `${folder} can't be read; name the folder that holds directory.yaml.`,
      {
        field: folder,
        cause,
      },
    );
  });
  const paths = entries.filter((path) => wanted(path.replaceAll(sep, '/'))).sort();
  return Promise.all(
    paths.map(async (path) => decode(path.replaceAll(sep, '/'), await readFile(join(folder, path)))),
  );
};

/** The files of a folder that make a set, for `parsePolicySet`. */
export const readPolicyFolder = (folder: string): Promise<readonly PolicyFile[]> =>
  readFiles(folder, belongsToSet);

/** The folder's `*.test.yaml`: beside the set, no part of it. */
export const readPolicyTests = (folder: string): Promise<readonly PolicyFile[]> =>
  readFiles(folder, isTestFile);
