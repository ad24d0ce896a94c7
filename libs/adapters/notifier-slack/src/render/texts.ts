import type { ContextBlock, HeaderBlock, PlainTextElement, RichTextText } from '@slack/types';

const MOST_HEADER = 150;

/**
 * Words of ours, and of nobody else: whether Slack decodes `&amp;` in such a text isn't promised. `emoji: false`
 * keeps `:tada:` as it is written.
 */
export const plain = (text: string): PlainTextElement => ({ type: 'plain_text', text, emoji: false });

export const headerBlock = (text: string): HeaderBlock => ({
  type: 'header',
  text: plain(text.slice(0, MOST_HEADER)),
});

/** Small print of ours. */
export const contextBlock = (text: string): ContextBlock => ({ type: 'context', elements: [plain(text)] });

/**
 * Anybody's words: an element of rich text is shown as it is, whatever it holds, since links, mentions and emoji
 * are elements of their own there.
 */
export const words = (text: string, style?: RichTextText['style']): RichTextText => ({
  type: 'text',
  // Slack takes no empty text.
  text: text === '' ? ' ' : text,
  ...(style !== undefined && { style }),
});

export const bold = (text: string): RichTextText => words(text, { bold: true });
export const italic = (text: string): RichTextText => words(text, { italic: true });
/** Fenced, so that it can't be taken for words of ours beside it. */
export const fenced = (text: string): RichTextText => words(text, { code: true });

/** For the one line that a notification shows, which Slack reads as mrkdwn. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** `1,200 characters`. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
