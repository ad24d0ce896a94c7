import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { ConfigError } from './config-error.ts';

const readDocument = (variable: string, path: string): unknown => {
  try {
    return parse(readFileSync(path, 'utf8'), { uniqueKeys: true, strict: true, maxAliasCount: 0 });
  } catch (cause) {
    throw new ConfigError(variable, `${path} can't be read as YAML or JSON.`, cause);
  }
};

/** The file that a variable names, parsed once and whole; a `ConfigError` names the place in it that is wrong. */
export const readSettingsFile = <Settings>(
  variable: string,
  path: string,
  schema: z.ZodType<Settings>,
): Settings => {
  const result = schema.safeParse(readDocument(variable, path), { reportInput: false });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.map(String).join('.') ?? '';
  throw new ConfigError(variable, `${path}, ${where}: ${issue?.message ?? 'unusable'}`, result.error);
};
