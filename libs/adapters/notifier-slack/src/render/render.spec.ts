import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBlocks, checkView } from '@countersign/fake-slack';
import { fromVisible } from '@countersign/kernel';
import { buildReviewSheet, type ReviewCard } from '@countersign/notifier';
import { ATTACK_TEXT, LONGEST_LINK, plainCard, SAMPLE_CARDS } from '@countersign/notifier/samples';
import { MOST_MESSAGE } from './budgets.ts';
import { cardMessage, pointerMessage } from './card-message.ts';
import { GATHERS_AT_MOST, gatheredMessage } from './gathered-message.ts';
import { pagesOf, pageView, reasonView } from './views.ts';

const samples = Object.entries(SAMPLE_CARDS);
const pointer = { r: 'r', d: 'd', v: 1, m: 'T/C/1.1', k: 'read', p: 1 } as const;

type Json =
  string | number | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json };

/** Every object of a type that Slack reads as something, wherever it stands. */
const objectsIn = (value: unknown): readonly Readonly<Record<string, Json>>[] => {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Readonly<Record<string, Json>>, ...Object.values(value).flatMap(objectsIn)];
};

const ALLOWED = new Set([
  'header',
  'context',
  'divider',
  'plain_text',
  'rich_text',
  'rich_text_section',
  'rich_text_preformatted',
  'text',
  'date',
  'actions',
  'button',
  'input',
  'plain_text_input',
  'radio_buttons',
  'modal',
]);

const typesIn = (value: unknown): readonly string[] =>
  objectsIn(value).flatMap(({ type }) => (typeof type === 'string' ? [type] : []));

/** What people read of elements that hold anybody's words. */
const wordsIn = (value: unknown): readonly string[] =>
  objectsIn(value).flatMap(({ type, text }) => (type === 'text' && typeof text === 'string' ? [text] : []));

const plainTextsIn = (value: unknown): readonly string[] =>
  objectsIn(value).flatMap(({ type, text }) =>
    type === 'plain_text' && typeof text === 'string' ? [text] : [],
  );

/** Wherever a click or a look could lead. */
const addressesIn = (value: unknown): readonly Json[] =>
  objectsIn(value).flatMap((each) =>
    ['url', 'image_url', 'thumb_url', 'title_url'].flatMap((name) =>
      Object.hasOwn(each, name) ? [each[name]] : [],
    ),
  );

const actionIdsIn = (value: unknown): readonly Json[] =>
  objectsIn(value).flatMap(({ type, action_id: id }) => (type === 'button' ? [id] : []));

const allPages = (card: ReviewCard) => {
  const sheet = buildReviewSheet(card);
  return pagesOf(sheet).map(({ number }) => pageView(sheet, { ...pointer, p: number }, false));
};

describe('a card in Slack', () => {
  it.each(samples)('looks like this, with %s', (_, card) => {
    const sheet = buildReviewSheet(card);
    expect(cardMessage(sheet)).toMatchSnapshot('message');
    expect(pointerMessage(sheet)).toMatchSnapshot('in an open channel');
    expect(pageView(sheet, pointer, false)).toMatchSnapshot('first page');
  });

  it('asks for a reason like this', () => {
    const view = reasonView(buildReviewSheet(plainCard), { ...pointer, k: 'deny' });
    checkView(view);
    expect(view).toMatchSnapshot();
  });

  it.each(samples)('is held to the limits, with %s', (_, card) => {
    const sheet = buildReviewSheet(card, true);
    for (const { blocks } of [cardMessage(sheet), pointerMessage(sheet)]) {
      checkBlocks(blocks);
      expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThanOrEqual(MOST_MESSAGE);
    }
    for (const view of allPages(card)) checkView(view);
  });

  it.each(samples)('has room for the longest link, with %s', (_, card) => {
    const sheet = buildReviewSheet({ ...card, link: LONGEST_LINK }, true);
    for (const { blocks } of [cardMessage(sheet), pointerMessage(sheet)]) {
      checkBlocks(blocks);
      expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThanOrEqual(MOST_MESSAGE);
      expect(addressesIn(blocks)).toEqual([LONGEST_LINK]);
    }
  });

  it('leads to the request also where it shows little, gathers several, or is over', () => {
    const { link } = plainCard;
    const sheet = buildReviewSheet(plainCard);
    const long = buildReviewSheet(SAMPLE_CARDS['a Terraform plan']);
    const over = buildReviewSheet({ ...plainCard, status: 'denied' });
    for (const { blocks } of [sheet, long, over].flatMap((each) => [cardMessage(each), pointerMessage(each)]))
      expect(addressesIn(blocks)).toEqual([link]);
    for (const isPrivate of [true, false])
      expect(addressesIn(gatheredMessage([sheet, over, sheet], isPrivate))).toEqual([link, link, link]);
    expect(actionIdsIn(cardMessage(over))).toEqual(['countersign_link']);
  });

  it('leads nowhere where the settings name no place', () => {
    const { link: _, ...card } = plainCard;
    const sheets = [buildReviewSheet(card), buildReviewSheet({ ...card, status: 'denied' })];
    const messages = sheets.flatMap((sheet) => [
      cardMessage(sheet),
      pointerMessage(sheet),
      gatheredMessage([sheet], true),
    ]);
    expect(addressesIn(messages)).toEqual([]);
    expect(actionIdsIn(messages)).not.toContain('countersign_link');
    expect(typesIn(cardMessage(buildReviewSheet({ ...card, status: 'denied' })))).not.toContain('actions');
  });

  it("tells times by the reader's clock beside the exact ones", () => {
    const dates = (card: ReviewCard) =>
      objectsIn(cardMessage(buildReviewSheet(card))).filter(({ type }) => type === 'date');
    const date = {
      type: 'date',
      timestamp: Date.UTC(2026, 10, 20, 3, 15) / 1_000,
      format: '{date_short_pretty} at {time}',
      fallback: plainCard.expiresAt,
    };
    expect(dates(plainCard)).toEqual([{ ...date, style: { bold: true } }, date]);
    const outcome = { at: plainCard.requestedAt, useBefore: plainCard.expiresAt };
    expect(dates({ ...plainCard, status: 'approved', outcome }).map(({ fallback }) => fallback)).toEqual([
      plainCard.requestedAt,
      plainCard.expiresAt,
    ]);
    expect(wordsIn(cardMessage(buildReviewSheet(plainCard)))).toContain(
      `${plainCard.expiresAt} (15 min after it was asked)`,
    );
  });

  it('says how grave it is and how long there is before all else, on each page, too', () => {
    const sheet = buildReviewSheet(SAMPLE_CARDS['a Terraform plan']);
    const [view] = allPages(SAMPLE_CARDS['a Terraform plan']).slice(-1);
    for (const blocks of [cardMessage(sheet).blocks, view?.blocks ?? []]) {
      const [first, second] = blocks.filter(({ type }) => type === 'rich_text');
      expect(wordsIn(first)).toEqual(['Risk: high']);
      expect(wordsIn(second)).toEqual(['Decide before ', ' (15 min after it was asked)']);
    }
    const over = cardMessage(buildReviewSheet({ ...plainCard, status: 'denied' }));
    expect(JSON.stringify(over)).not.toContain('Decide before');
  });

  it('says once more beside the decision who asks and for what, however long their names are', () => {
    const long = 'ж'.repeat(5_000);
    const card: ReviewCard = {
      ...plainCard,
      requester: { type: 'Agent', id: long },
      action: { name: long, properties: {} },
      resource: { type: 'Dataset', id: long },
    };
    const sheet = buildReviewSheet(card);
    const [last] = allPages(card).slice(-1);
    for (const view of [reasonView(sheet, { ...pointer, k: 'approve' }), last]) {
      checkView(view);
      const blocks = view?.blocks ?? [];
      const beside = blocks.slice(blocks.findIndex((block) => JSON.stringify(block).includes('in short')));
      const words = wordsIn(beside);
      expect(words).toEqual(
        expect.arrayContaining(['request: ', 'who: ', 'action: ', 'resource: ', 'digest: ']),
      );
      expect(words.filter((word) => word.includes('of this not shown here'))).toHaveLength(3);
      expect(Math.max(...words.map((word) => Buffer.byteLength(word)))).toBeLessThanOrEqual(2_000);
    }
  });

  it('gathered with others of the longest names and links fits one message, and cuts no name for a link', () => {
    const sheet = buildReviewSheet({
      ...plainCard,
      link: LONGEST_LINK,
      resource: { type: 'D', id: 'x'.repeat(200) },
    });
    const gathered = gatheredMessage(
      Array.from({ length: GATHERS_AT_MOST }, () => sheet),
      true,
    );
    checkBlocks(gathered.blocks);
    expect(JSON.stringify(gathered)).toContain('x'.repeat(200));
    expect(addressesIn(gathered)).toEqual([]);
  });

  it('gathered with others of the longest names fits one message', () => {
    const long = 'ж'.repeat(5_000);
    const sheet = buildReviewSheet({
      ...plainCard,
      requester: { type: 'Agent', id: long },
      action: { name: long, properties: {} },
      resource: { type: 'Dataset', id: long },
    });
    const { blocks } = gatheredMessage(
      Array.from({ length: GATHERS_AT_MOST }, () => sheet),
      true,
    );
    checkBlocks(blocks);
    expect(JSON.stringify(blocks)).toContain('of this not shown here');
    expect(JSON.stringify(blocks)).toContain(plainCard.expiresAt);
  });

  it('is shown whole and directly where it is of the usual length', () => {
    for (const name of ['a command', 'Arabic and emoji', 'an attack'] as const) {
      const { blocks } = cardMessage(buildReviewSheet(SAMPLE_CARDS[name]));
      expect(JSON.stringify(blocks)).toContain('countersign_approve');
    }
  });
});

const UNSEEN = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

const foreign = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
  fc.constantFrom(ATTACK_TEXT, '<!channel>', '*bold*', ':tada:', 'https://evil.example', '&lt;'),
);

const cardOf = (text: string): ReviewCard => ({
  ...plainCard,
  justification: text,
  impact: text,
  destination: text,
  resource: { type: 'Dataset', id: text },
  command: ['sh', '-c', text],
  details: { note: text },
});

describe("a requester's words", () => {
  it('are plain text, whatever they hold, and decode back to what was said', () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const views = allPages(cardOf(text));
        const message = cardMessage(buildReviewSheet(cardOf(text)));
        expect([...typesIn(views), ...typesIn(message)].filter((type) => !ALLOWED.has(type))).toEqual([]);
        expect(addressesIn([views, message])).toEqual([plainCard.link]);
        for (const shown of wordsIn([views, message])) {
          expect(shown.replaceAll('\n', '').match(UNSEEN)).toBeNull();
        }
        const read = views.flatMap(wordsIn).map(fromVisible);
        for (const line of text.split('\n')) {
          expect(read.some((words) => words.includes(line))).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('stand in no text of ours', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[<*_:@a-z]{12,40}$/), (text) => {
        const sheet = buildReviewSheet(cardOf(text));
        const ours = [cardMessage(sheet), pointerMessage(sheet), ...allPages(cardOf(text))];
        expect(ours.flatMap(plainTextsIn).filter((shown) => shown.includes(text))).toEqual([]);
        expect(cardMessage(sheet).text).not.toContain(text);
      }),
      { numRuns: 50 },
    );
  });

  it('fit a message and its pages, however long', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('a', '"', 'ж', '👩🏽‍💻', '\u202E', '\n'),
        fc.integer({ min: 1, max: 10_000 }),
        (text, times) => {
          const card = { ...cardOf(text.repeat(Math.ceil(times / 10))), link: LONGEST_LINK };
          const { blocks } = cardMessage(buildReviewSheet(card));
          checkBlocks(blocks);
          expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThanOrEqual(MOST_MESSAGE);
          for (const view of allPages(card)) checkView(view);
        },
      ),
      { numRuns: 15 },
    );
  });
});
