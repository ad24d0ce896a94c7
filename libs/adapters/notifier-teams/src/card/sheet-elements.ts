import type { Hidden, ReviewSheet, SheetRow, SheetSection } from '@countersign/notifier';
import { container, line, type CardElement } from './card-elements.ts';

const number = (value: number): string => value.toLocaleString('en-US');

export const hiddenText = ({ lines, characters }: Hidden): string =>
  `${number(lines)} more ${lines === 1 ? 'line' : 'lines'}, ${number(characters)} characters`;

const labelOf = ({ label, part }: SheetRow): string => {
  if (part === undefined) return label;
  const goesOn = part.goesOn ? '; its first line goes on' : '';
  return `${label} (part ${part.number} of ${part.of}${goesOn})`;
};

export const rowElements = (row: SheetRow): readonly CardElement[] => [
  line(labelOf(row), { size: 'Small', isSubtle: true, weight: 'Bolder' }, 'Small'),
  ...row.lines.map((text) => line(text, row.isVerbatim ? { fontType: 'Monospace' } : {})),
  ...(row.warning === undefined ? [] : [line(row.warning, { color: 'Attention', weight: 'Bolder' })]),
  ...(row.hidden === undefined
    ? []
    : [line(`Hidden here: ${hiddenText(row.hidden)}.`, { color: 'Warning', weight: 'Bolder' })]),
];

/** How grave it is and how long there is, before all else: a card may be long. */
export const glanceElements = (sheet: ReviewSheet): readonly CardElement[] => {
  const { deadline } = sheet;
  const until = deadline && line(`Decide before ${deadline.at} (${deadline.given})`, { weight: 'Bolder' });
  return [...headingElements(sheet), ...(until === undefined ? [] : [until])];
};

/** What the requester says stands on a ground of its own, under a title of ours that says whose words they are. */
export const sectionElement = ({ title, origin, rows }: SheetSection): CardElement =>
  container([line(title, { weight: 'Bolder' }), ...rows.flatMap(rowElements)], {
    isEmphasised: origin === 'claimed',
  });

export const headingElements = ({ heading, risk, notices }: ReviewSheet): readonly CardElement[] => [
  line(heading, { size: 'Large', weight: 'Bolder' }),
  ...(risk === undefined ? [] : [line(`Risk: ${risk}`, { color: 'Attention', weight: 'Bolder' })]),
  ...notices.flatMap(({ lines }) => lines.map((text) => line(text, { color: 'Warning' }, 'Small'))),
];
