import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { JsonObject } from '@countersign/kernel';
import { CliError } from '../cli-error.ts';
import { isOwnVariable } from '../environment.ts';
import { resolveExecutable } from './resolve-executable.ts';

/** What surrounds a command when it is bound, and again when it starts. */
export interface Surroundings {
  readonly cwd: string;
  variable(name: string): string | undefined;
}

/** Everything of a command that an approval holds for. Digests are SHA-256 in hex, as `sha256sum` prints them. */
export interface CommandBinding {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  /** Which folder stands at that path: another one put there is another folder. */
  readonly folderIdentity: string;
  readonly executable: { readonly path: string; readonly sha256: string; readonly target?: string };
  /** Name → digest of the value: whoever reviews must see that it is fixed, not what it is. */
  readonly environment: Readonly<Record<string, string>>;
}

const digestOfFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
};

const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex');

const folderIdentity = async (path: string): Promise<string> => {
  const { dev, ino } = await stat(path);
  return `${dev}:${ino}`;
};

const bindExecutable = async (path: string): Promise<CommandBinding['executable']> => {
  const target = await realpath(path);
  return { path, sha256: await digestOfFile(target), ...(target === path ? {} : { target }) };
};

const bindVariable = (name: string, { variable }: Surroundings): readonly [string, string] => {
  const value = variable(name);
  if (value === undefined || isOwnVariable(name)) {
    const why = value === undefined ? 'is not set' : 'is never handed to a command';
    throw new CliError('usage', `${name} can't be bound: it ${why}.`, { field: `--bind-env ${name}` });
  }
  return [name, digestOfText(value)];
};

export const bindCommand = async (
  argv: readonly string[],
  names: readonly string[],
  surroundings: Surroundings,
): Promise<CommandBinding> => {
  const { cwd } = surroundings;
  const path = await resolveExecutable(argv[0] ?? '', { cwd, path: surroundings.variable('PATH') });
  return {
    argv,
    workingDirectory: cwd,
    folderIdentity: await folderIdentity(cwd),
    executable: await bindExecutable(path),
    environment: Object.fromEntries(names.map((name) => bindVariable(name, surroundings))),
  };
};

/** The binding as members of the action's context: shown to whoever decides, and held by the digest. */
export const contextOf = ({
  argv,
  workingDirectory,
  executable,
  environment,
}: CommandBinding): JsonObject => ({
  command: argv,
  workingDirectory,
  executable,
  ...(Object.keys(environment).length === 0 ? {} : { boundEnvironment: environment }),
});

const orUndefined = async <Value>(work: Promise<Value>): Promise<Value | undefined> => {
  try {
    return await work;
  } catch {
    return undefined;
  }
};

/**
 * Throws `binding_changed`, naming what changed. A look at files can't freeze them: it is taken right before
 * the approval is spent and again right before the start, which leaves the moment between the last look and
 * the kernel's own opening of the file.
 */
export const requireUnchanged = async (
  binding: CommandBinding,
  surroundings: Surroundings,
): Promise<void> => {
  const { executable, workingDirectory, environment } = binding;
  const now = await orUndefined(bindExecutable(executable.path));
  const folder = await orUndefined(folderIdentity(workingDirectory));
  const changedVariables = Object.entries(environment)
    .filter(([name, digest]) => digestOfText(surroundings.variable(name) ?? '') !== digest)
    .map(([name]) => `environment variable ${name}`);
  const changed = [
    ...(now?.sha256 === executable.sha256 && now.target === executable.target
      ? []
      : [`executable ${executable.path}`]),
    ...(folder === binding.folderIdentity && surroundings.cwd === workingDirectory
      ? []
      : [`working directory ${workingDirectory}`]),
    ...changedVariables,
  ];
  if (changed.length === 0) return;
  throw new CliError('binding_changed', `Changed since it was asked for: ${changed.join(', ')}.`, {
    field: changed[0] ?? 'command',
  });
};
