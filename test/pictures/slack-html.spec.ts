import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { picturedCards } from './pictured-cards.ts';
import { slackMessageHtml, slackModalHtml } from './slack-html.ts';

const words = z.object({ type: z.literal('text'), text: z.string() });

/** Every element that holds a requester's words. */
const wordsIn = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [];
  const found = words.safeParse(value).data;
  return found === undefined ? Object.values(value).flatMap(wordsIn) : [found.text];
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&amp;': '&',
};

const textOf = (html: string): string =>
  html.replace(/<[^>]*>/g, '').replace(/&(?:lt|gt|quot|amp|#x27);/g, (entity) => ENTITIES[entity] ?? entity);

const bodyOf = (html: string): string => html.slice(html.indexOf('<body>'));

const slackCards = picturedCards.filter(({ kind }) => kind !== 'teams-card');

describe('a Block Kit renderer that is not ours', () => {
  it.each(slackCards)('shows every word of $name as it is, and nothing to follow', ({ kind, content }) => {
    const body = bodyOf(kind === 'slack-modal' ? slackModalHtml(content) : slackMessageHtml(content));
    const shown = textOf(body);
    expect(wordsIn(content).filter((text) => !shown.includes(text))).toEqual([]);
    expect(body).not.toMatch(/<(?:a|iframe|script|object)\b/);
  });
});
