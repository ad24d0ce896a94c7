import { z } from 'zod';
import { fromLiteral } from './card/literal-text.ts';

const run = z.looseObject({ text: z.string() });
const element = z.looseObject({
  inlines: z.array(run).optional(),
  get items() {
    return z.array(element).optional();
  },
});
type Element = z.infer<typeof element>;

const linesOf = ({ inlines, items }: Element): readonly string[] => [
  ...(inlines === undefined ? [] : [inlines.map(({ text }) => fromLiteral(text)).join('')]),
  ...(items ?? []).flatMap(linesOf),
];

/** The lines of a card, as the sheet had them. */
export const cardLines = (card: { readonly body: readonly unknown[] }): readonly string[] =>
  z.array(element).parse(card.body).flatMap(linesOf);

export const textOf = (card: { readonly body: readonly unknown[] }): string => cardLines(card).join('\n');
