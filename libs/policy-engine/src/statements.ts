/** One `permit` or `forbid` of a file, from its first annotation to its semicolon. */
export interface Statement {
  readonly text: string;
  /** Where the text begins in the file, in UTF-16 units. */
  readonly start: number;
}

/** A comment, a string, a semicolon, or anything else that isn't white space. */
export const TOKEN = /\/\/[^\n\r]*|"(?:[^"\\]|\\[^])*"?|;|[^\s;"/]+|\//gu;

/**
 * Cuts a Cedar file into statements, so that each is parsed alone and every mistake is found at once. A
 * rest without semicolon is a statement too, for the parser to refuse.
 */
export const splitStatements = (source: string): readonly Statement[] => {
  const statements: Statement[] = [];
  let start: number | undefined;
  let end = 0;
  for (const token of source.matchAll(TOKEN)) {
    const [text] = token;
    if (text.startsWith('//')) continue;
    start ??= token.index;
    end = token.index + text.length;
    if (text === ';') {
      statements.push({ text: source.slice(start, end), start });
      start = undefined;
    }
  }
  if (start !== undefined) statements.push({ text: source.slice(start, end), start });
  return statements;
};
