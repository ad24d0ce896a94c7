// Unicode Technical Standard #39, section 5.1: the resolved script set of a text. Only a few scripts are written
// together by habit; the rest of a mixed name is an accident or a trap.

const SCRIPTS = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Georgian',
  'Ethiopic',
  'Khmer',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Bopomofo',
  'Cherokee',
  'Coptic',
  'Lisu',
] as const;

const MATCHERS = SCRIPTS.map(
  (script) => [script, new RegExp(`\\p{Script_Extensions=${script}}`, 'u')] as const,
);

/** Japanese, Korean, and Chinese with Bopomofo each count as one script. */
const WRITTEN_WITH: Readonly<Record<string, readonly string[]>> = {
  Han: ['Japanese', 'Korean', 'Chinese'],
  Hiragana: ['Japanese'],
  Katakana: ['Japanese'],
  Hangul: ['Korean'],
  Bopomofo: ['Chinese'],
};

const OF_NO_SCRIPT = /[\p{Script=Common}\p{Script=Inherited}]/u;

/** Digits and punctuation of no script belong to all: undefined. */
const scriptsOf = (character: string): ReadonlySet<string> | undefined => {
  const found = MATCHERS.filter(([, matcher]) => matcher.test(character)).map(([script]) => script);
  if (found.length > 0) return new Set(found.flatMap((script) => [script, ...(WRITTEN_WITH[script] ?? [])]));
  return OF_NO_SCRIPT.test(character) ? undefined : new Set(['another script']);
};

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const PLAIN = /^[\p{ASCII}]*$/u;

/** Each letter once: a requester may write many. */
const scriptsOfLetters = (text: string): ReadonlyMap<string, ReadonlySet<string> | undefined> =>
  new Map(Array.from(new Set(text), (letter) => [letter, scriptsOf(letter)]));

/** Whether no one script has all of its letters. */
const isMixed = (word: string, known: ReturnType<typeof scriptsOfLetters>): boolean => {
  const letters = Array.from(new Set(word), (letter) => known.get(letter));
  const [first, ...others] = letters.filter((scripts) => scripts !== undefined);
  return first !== undefined && [...first].every((script) => others.some((scripts) => !scripts.has(script)));
};

/**
 * The words of a text that mix scripts, as `pаypal` with a Cyrillic letter does. A name that is wholly in a
 * look-alike script isn't found by this.
 */
export const mixedScriptWords = (text: string): readonly string[] => {
  if (PLAIN.test(text)) return [];
  const known = scriptsOfLetters(text);
  return [...text.matchAll(WORD)].map(([word]) => word).filter((word) => isMixed(word, known));
};
