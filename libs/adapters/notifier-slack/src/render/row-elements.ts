import { toEpochMs, type Timestamp } from '@countersign/kernel';
import type { Hidden, RowPart, SheetDeadline, SheetRow } from '@countersign/notifier';
import type {
  RichTextBlock,
  RichTextDate,
  RichTextElement,
  RichTextPreformatted,
  RichTextSection,
} from '@slack/types';
import { bold, counted, fenced, italic, words } from './texts.ts';

/** A longer line is easier to read in a block of its own. */
const MOST_INLINE = 120;

const section = (...elements: readonly RichTextElement[]): RichTextSection => ({
  type: 'rich_text_section',
  elements: [...elements],
});

const preformatted = (text: string): RichTextPreformatted => ({
  type: 'rich_text_preformatted',
  elements: [words(text)],
});

type Piece = { readonly inline: readonly RichTextElement[] } | { readonly block: RichTextPreformatted };

/** Rows one below the other: labels of ours in bold, everybody else's words fenced. */
export const rowsBlock = (rows: readonly SheetRow[]): RichTextBlock => ({
  type: 'rich_text',
  elements: joined(rows.flatMap(piecesOf)),
});

/** By the reader's own clock: the exact instant stands in its row. */
export const deadlineBlock = ({ at, given }: SheetDeadline): RichTextBlock => ({
  type: 'rich_text',
  elements: [section(bold('Decide before '), dateOf(at, { bold: true }), bold(` (${given})`))],
});

/** Small print of ours, and of a group's name in it. */
export const noticesBlock = (notices: readonly SheetRow[]): RichTextBlock => ({
  type: 'rich_text',
  elements: notices.map(({ lines }) => section(bold(lines.join('\n')))),
});

export const titleBlock = (title: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [section(bold(title))],
});

export const sentenceBlock = (sentence: string): RichTextBlock => ({
  type: 'rich_text',
  elements: [section(words(sentence))],
});

const piecesOf = (row: SheetRow): readonly Piece[] => {
  const label = bold(`${row.label}${row.part === undefined ? '' : partOf(row.part)}: `);
  const after = [
    ...(row.warning === undefined ? [] : [bold(`Warning: ${row.warning}\n`)]),
    ...(row.hidden === undefined ? [] : [italic(`${hiddenOf(row.hidden)}\n`)]),
  ];
  const [line = '', ...others] = row.lines;
  if (row.lines.length === 0) return [{ inline: [label, words('\n'), ...after] }];
  return others.length === 0 && row.isVerbatim !== true && line.length <= MOST_INLINE
    ? [{ inline: [label, fenced(line), ...localTimeOf(row), words('\n'), ...after] }]
    : [{ inline: [label] }, { block: preformatted(row.lines.join('\n')) }, { inline: after }];
};

const localTimeOf = ({ instant }: SheetRow): readonly RichTextElement[] =>
  instant === undefined ? [] : [words(' by your clock '), dateOf(instant)];

/**
 * As the reader's own client tells it. Without Slack's `{ago}`, which is documented for the past alone, and nothing
 * says that it would be told anew.
 */
const dateOf = (instant: Timestamp, style?: RichTextDate['style']): RichTextDate => ({
  type: 'date',
  timestamp: Math.floor(toEpochMs(instant) / 1_000),
  format: '{date_short_pretty} at {time}',
  fallback: instant,
  ...(style !== undefined && { style }),
});

const partOf = ({ number, of, goesOn }: RowPart): string =>
  `, part ${number} of ${of}${goesOn ? ' (its first line goes on from the part before)' : ''}`;

const hiddenOf = ({ lines, characters }: Hidden): string =>
  `${counted(lines, 'more line')} (${counted(characters, 'character')}) of this not shown here`;

const joined = (pieces: readonly Piece[]): (RichTextSection | RichTextPreformatted)[] => {
  const elements: (RichTextSection | RichTextPreformatted)[] = [];
  let inline: RichTextElement[] = [];
  const flush = (): void => {
    if (inline.length > 0) elements.push(section(...inline));
    inline = [];
  };
  for (const piece of pieces) {
    if ('inline' in piece) inline.push(...piece.inline);
    else {
      flush();
      elements.push(piece.block);
    }
  }
  flush();
  return elements;
};
