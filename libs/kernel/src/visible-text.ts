/**
 * What a reader can't see or what changes how the rest is read: control, format and bidirectional
 * characters, every space but U+0020, default-ignorable characters (fillers, variation selectors, tags),
 * lone surrogates, private and unassigned code points, and the blank Braille cell.
 */
const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Neither unseen nor a mark that needs a letter to stand on. */
const SEEN = /[^\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** A backslash that would read as one of our own escapes. */
const MISREAD_BACKSLASH = /\\(?=u\{[0-9A-F]{1,6}\})/g;

const ESCAPE = /\\u\{([0-9A-F]{1,6})\}/g;

const escapeOf = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;

/**
 * Text as it may be shown to a person who decides on it: every unseen character as `\u{202E}`, the rest as
 * it is, nothing cut. One line, whatever went in. {@link fromVisible} gives back exactly the text.
 */
export const visible = (text: string): string =>
  text.replace(MISREAD_BACKSLASH, escapeOf).replace(UNSEEN, escapeOf);

/** Whether a reader would see nothing of it, as it stands. */
export const isBlank = (text: string): boolean => !SEEN.test(text);

/** The inverse of {@link visible}. */
export const fromVisible = (text: string): string =>
  text.replace(ESCAPE, (whole: string, hex: string) => {
    const codePoint = Number.parseInt(hex, 16);
    return codePoint > 0x10ffff ? whole : String.fromCodePoint(codePoint);
  });
