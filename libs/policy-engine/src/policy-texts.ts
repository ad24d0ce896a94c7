import { isPolicyFile } from './parse-policy-set.ts';
import type { PolicyFile } from './policy-set.ts';
import { splitStatements, TOKEN } from './statements.ts';

export interface PolicyText {
  readonly file: string;
  /** From its first annotation to its semicolon, as it was written. */
  readonly text: string;
}

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };
const ESCAPE = /\\(?:u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|([^]))/gu;

/** A Cedar string literal's value. */
const unquote = (literal: string): string =>
  literal.slice(1, -1).replace(ESCAPE, (_all, unicode?: string, hex?: string, simple?: string) => {
    const code = unicode ?? hex;
    if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
    return SIMPLE_ESCAPES[simple ?? ''] ?? simple ?? '';
  });

/** The value of a statement's `@id`, wherever white space and comments stand. */
const idOf = (statement: string): string | undefined => {
  let before = '';
  for (const [token] of statement.matchAll(TOKEN)) {
    if (token.startsWith('//')) continue;
    if (!token.startsWith('"')) before += token;
    else if (before.endsWith('@id(')) return unquote(token);
    else before = '';
  }
  return undefined;
};

/** The policies' own words by their `@id`: what evidence shows of a set that was in force. */
export const policyTexts = (files: readonly PolicyFile[]): ReadonlyMap<string, PolicyText> =>
  new Map(
    files
      .filter(({ path }) => isPolicyFile(path))
      .flatMap(({ path, content }) =>
        splitStatements(content).flatMap(({ text }) => {
          const id = idOf(text);
          return id === undefined ? [] : [[id, { file: path, text }] as const];
        }),
      ),
  );
