import type { ReviewSheet, SheetRow, SheetSection } from '@countersign/notifier';
import { rows, RULE, title } from './card-rows.ts';

/**
 * The whole sheet, for whoever decides. A terminal shows the end of what was printed, so what the requester may
 * fill with pages of its own stands before what runs, and can't push that out of sight.
 */
export const cardText = (sheet: ReviewSheet): string =>
  [
    RULE,
    heading(sheet),
    rows([...sheet.notices, ...rowsAbout(sheet, 'request')]),
    ...(['claims', 'action', 'catalogue', 'decision'] as const).map((about) => sectionText(sheet, about)),
    answer(sheet),
    RULE,
  ].join('');

/** What tells which card it was, and what has come of it. */
const CHANGING: ReadonlySet<string> = new Set([
  'request',
  'who',
  'action',
  'resource',
  'digest',
  'needs',
  'decided',
  'still needs',
  'decide before',
  'when',
  'by',
  'cause',
  'detail',
  'exit code',
  'use before',
]);

/** What has changed on a card that was printed before. */
export const updateText = (sheet: ReviewSheet): string =>
  [
    RULE,
    heading(sheet),
    rows([
      ...sheet.notices.filter(({ label }) => label !== 'mode'),
      ...sheet.sections.flatMap((section) => section.rows).filter(({ label }) => CHANGING.has(label)),
    ]),
    answer(sheet),
    RULE,
  ].join('');

const heading = ({ heading: text, notices }: ReviewSheet): string =>
  title(`COUNTERSIGN  ${text}`, notices.some(({ label }) => label === 'mode') ? 'DEVELOPMENT' : '');

const caption = (text: string): string => `\n  ${text}\n`;

const rowsAbout = ({ sections }: ReviewSheet, about: SheetSection['about']): readonly SheetRow[] =>
  sections.filter((section) => section.about === about).flatMap((section) => section.rows);

const sectionText = ({ sections }: ReviewSheet, about: SheetSection['about']): string =>
  sections
    .filter((section) => section.about === about)
    .map((section) => caption(section.title) + rows(section.rows))
    .join('');

/** Whole lines, so that they can be copied. */
const answer = ({ commands, link }: ReviewSheet): string =>
  copied('To read it in a browser:', link === undefined ? [] : [link]) +
  copied('To answer, having read it:', commands);

const copied = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : caption(title) + lines.map((line) => `    ${line}\n`).join('');
