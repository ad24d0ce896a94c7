const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** argv as a POSIX shell would take it, so that the borders between the words can be seen. */
export const shellWords = (argv: readonly string[]): string =>
  argv.map((word) => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ');
