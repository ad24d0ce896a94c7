import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';

const isExecutable = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
};

/** A program's name → the absolute path that would be started, as execvp (POSIX) finds it. */
export const resolveExecutable = async (
  program: string,
  { cwd, path }: { readonly cwd: string; readonly path: string | undefined },
): Promise<string> => {
  // A name with a slash is a path; an empty part of PATH is the working directory.
  const folders = program.includes('/') ? [''] : (path ?? '').split(delimiter);
  for (const folder of folders) {
    const candidate = resolve(cwd, folder, program);
    if (await isExecutable(candidate)) return candidate;
  }
  throw new CliError('command_not_found', `There is no executable "${program}"; nothing was asked for.`, {
    field: program,
  });
};
