import { describe, expect, it } from 'vitest';
import { SlackRefusal } from '../slack-refusal.ts';
import { checkBlocks, checkView } from './check-blocks.ts';

const codeOf = (check: () => unknown): string => {
  try {
    check();
    return 'ok';
  } catch (error) {
    return error instanceof SlackRefusal ? error.code : String(error);
  }
};

const text = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const section = (length: number) => ({ type: 'section', text: text(length) });
const button = (change: object) => ({
  type: 'actions',
  elements: [{ type: 'button', text: text(5), action_id: 'press', ...change }],
});
const field = (change: object) => ({
  type: 'input',
  label: text(5),
  element: { type: 'plain_text_input', action_id: 'fill', ...change },
});
const dated = (type: string, change: object = {}) => ({
  type: 'rich_text',
  elements: [{ type, elements: [{ type: 'date', timestamp: 1_795_144_500, format: '{time}', ...change }] }],
});
const rich = (length: number) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'x'.repeat(length) }] }],
});

describe("a message's blocks", () => {
  it.each([
    ['a section of 3,000 characters', [section(3_000)], 'ok'],
    ['a longer one', [section(3_001)], 'invalid_blocks'],
    ['a header of 150', [{ type: 'header', text: text(150) }], 'ok'],
    ['a longer one', [{ type: 'header', text: text(151) }], 'invalid_blocks'],
    ['a header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }], 'invalid_blocks'],
    ['a button of 75', [button({ text: text(75) })], 'ok'],
    ['a longer one', [button({ text: text(76) })], 'invalid_blocks'],
    ['a value of 2,000', [button({ value: 'x'.repeat(2_000) })], 'ok'],
    ['a longer one', [button({ value: 'x'.repeat(2_001) })], 'invalid_blocks'],
    ['an address of 3,000', [button({ url: 'x'.repeat(3_000) })], 'ok'],
    ['a longer one', [button({ url: 'x'.repeat(3_001) })], 'invalid_blocks'],
    ['a date in a section', [dated('rich_text_section', { fallback: 'x' })], 'ok'],
    ['one of a broken second', [dated('rich_text_section', { timestamp: 0.5 })], 'invalid_blocks'],
    ['one in a preformatted text', [dated('rich_text_preformatted')], 'invalid_blocks'],
    ['an action id of 255', [button({ action_id: 'x'.repeat(255) })], 'ok'],
    ['a longer one', [button({ action_id: 'x'.repeat(256) })], 'invalid_blocks'],
    ['a block id of 255', [{ type: 'divider', block_id: 'x'.repeat(255) }], 'ok'],
    ['a longer one', [{ type: 'divider', block_id: 'x'.repeat(256) }], 'invalid_blocks'],
    [
      'a block id twice',
      [
        { type: 'divider', block_id: 'a' },
        { type: 'divider', block_id: 'a' },
      ],
      'invalid_blocks',
    ],
    ['an unknown style', [button({ style: 'calm' })], 'invalid_blocks'],
    ['50 blocks', Array.from({ length: 50 }, () => ({ type: 'divider' })), 'ok'],
    ['more', Array.from({ length: 51 }, () => ({ type: 'divider' })), 'invalid_blocks'],
    ['an unknown block', [{ type: 'marquee' }], 'invalid_blocks'],
    ['an unknown member', [{ type: 'divider', colour: 'red' }], 'invalid_blocks'],
    ['an empty text', [section(0)], 'invalid_blocks'],
    ['an empty text in rich text', [rich(0)], 'invalid_blocks'],
    ['rich text of 12,000', [rich(12_000)], 'ok'],
    ['rich text past what a message holds', [rich(13_000)], 'msg_blocks_too_long'],
    ['no list', 'blocks', 'invalid_blocks'],
  ])('with %s', (_, blocks, expected) => {
    expect(codeOf(() => checkBlocks(blocks))).toBe(expected);
  });
});

describe('a modal', () => {
  const view = (change: object) => ({ type: 'modal', title: text(24), blocks: [], ...change });

  it.each([
    ['a title of 24', view({}), 'ok'],
    ['a longer one', view({ title: text(25) }), 'invalid_arguments'],
    ['100 blocks', view({ blocks: Array.from({ length: 100 }, () => ({ type: 'divider' })) }), 'ok'],
    ['more', view({ blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }), 'invalid_arguments'],
    ['private metadata of 3,000', view({ private_metadata: 'x'.repeat(3_000) }), 'ok'],
    ['more', view({ private_metadata: 'x'.repeat(3_001) }), 'invalid_arguments'],
    ['a button to submit of 24', view({ submit: text(24) }), 'ok'],
    ['a longer one', view({ submit: text(25) }), 'invalid_arguments'],
    ['an input of 3,000', view({ submit: text(5), blocks: [field({ max_length: 3_000 })] }), 'ok'],
    ['a longer one', view({ submit: text(5), blocks: [field({ max_length: 3_001 })] }), 'invalid_arguments'],
    ['an input, and nothing to submit it with', view({ blocks: [field({})] }), 'invalid_arguments'],
    [
      'more than a view holds',
      view({ blocks: Array.from({ length: 100 }, () => rich(2_600)) }),
      'view_too_large',
    ],
  ])('with %s', (_, given, expected) => {
    expect(codeOf(() => checkView(given))).toBe(expected);
  });
});
