import { visible } from '@countersign/kernel';
import { mixedScriptWords } from './mixed-scripts.ts';

/** A warning is no place for pages of a requester's words. */
const MOST_WORDS = 5;
const MOST_LETTERS = 60;

const RIGHT_TO_LEFT =
  '\\p{Script=Arabic}\\p{Script=Hebrew}\\p{Script=Syriac}\\p{Script=Thaana}\\p{Script=Nko}\\p{Script=Samaritan}\\p{Script=Mandaic}\\p{Script=Adlam}\\p{Script=Hanifi_Rohingya}';

const RIGHT_TO_LEFT_LETTER = new RegExp(`[${RIGHT_TO_LEFT}]`, 'gu');

/** What stands between such letters, and digits behind them, is shown in another order than it has. Bounded: a requester writes it. */
const REORDERED = new RegExp(
  `[${RIGHT_TO_LEFT}][^\\p{L}]{0,9}[\\p{P}\\p{S}][^\\p{L}]{0,9}[\\p{N}${RIGHT_TO_LEFT}]`,
  'u',
);

const codeOf = (character: string): string =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;

const shortened = (text: string): string => {
  const characters = Array.from(text);
  return characters.length <= MOST_LETTERS
    ? text
    : `${characters.slice(0, MOST_LETTERS).join('')} [${characters.length - MOST_LETTERS} more]`;
};

/** Where a look-alike hides among plain letters, which one it is. */
const spelled = (word: string): string => {
  const cut = shortened(word);
  const codes = cut.replace(/[^\p{ASCII}]/gu, codeOf);
  return /[a-z]/i.test(word) && codes !== visible(cut) ? `${visible(cut)} (spelled ${codes})` : visible(cut);
};

const listed = (words: readonly string[]): string => {
  const more = words.length - MOST_WORDS;
  const shown = words.slice(0, MOST_WORDS).map(spelled).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
};

const mixedWarning = (lines: readonly string[]): readonly string[] => {
  const mixed = [...new Set(lines.flatMap(mixedScriptWords))];
  return mixed.length === 0 ? [] : [`Letters of several scripts are mixed in: ${listed(mixed)}`];
};

const orderWarning = (lines: readonly string[]): readonly string[] => {
  const [line] = lines.filter((each) => REORDERED.test(each));
  if (line === undefined) return [];
  const spelledOut = visible(shortened(line)).replace(RIGHT_TO_LEFT_LETTER, codeOf);
  return [`Right-to-left letters move what stands beside them; in its true order: ${spelledOut}`];
};

/** What a reader could be deceived by in names that hold nothing unseen; short, whatever they are. */
export const warningOf = (lines: readonly string[]): string | undefined => {
  const warnings = [...mixedWarning(lines), ...orderWarning(lines)];
  return warnings.length === 0 ? undefined : warnings.join('. ');
};
