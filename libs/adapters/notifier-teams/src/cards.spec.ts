import { AdaptiveCard as JudgedCard, SerializationContext, Versions } from 'adaptivecards';
import { objectionToCard } from '@countersign/fake-teams';
import { fromVisible, visible } from '@countersign/kernel';
import { buildReviewSheet, paginate, type ReviewSheet } from '@countersign/notifier';
import { ATTACK_TEXT, LONGEST_LINK, plainCard, SAMPLE_CARDS } from '@countersign/notifier/samples';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardLines, textOf } from './card-spec-helpers.ts';
import { reminderActivity } from './card/card-activity.ts';
import { MOST_CARD, PAGE_BUDGET } from './card/card-budget.ts';
import type { AdaptiveCard } from './card/card-elements.ts';
import { gatheredCard, GATHERS_AT_MOST } from './card/gathered-card.ts';
import { fromLiteral, literal } from './card/literal-text.ts';
import { messageCard, pointerCard } from './card/message-card.ts';
import { pageCard } from './card/page-card.ts';
import { gatheringMark, marked, markOf, reviewMark } from './card/posted-mark.ts';

const samples = Object.entries(SAMPLE_CARDS);

const pagesOf = (sheet: ReviewSheet) =>
  paginate(sheet, PAGE_BUDGET).map((_, nth) => pageCard(sheet, { number: nth + 1, version: sheet.version }));

/** What the makers of Adaptive Cards say of one, without rendering it. */
const objectionsOf = (card: object): readonly string[] => {
  const context = new SerializationContext(Versions.v1_5);
  const judged = new JudgedCard();
  judged.parse(card, context);
  const found: string[] = judged.validateProperties().validationEvents.map(({ message }) => message);
  for (let nth = 0; nth < context.eventCount; nth += 1) found.push(context.getEventAt(nth).message);
  return found;
};

/** Wherever a click or a look could lead. */
const addressesIn = (value: unknown): readonly unknown[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    ['url', 'iconUrl', 'selectAction', 'backgroundImage'].includes(name) ? [member] : addressesIn(member),
  );
};

describe('a card in Teams', () => {
  it.each(samples)('reads as it did when it was reviewed: %s', (_, card) => {
    expect(textOf(messageCard(buildReviewSheet(card)))).toMatchSnapshot('text');
  });

  it.each([
    ['where nobody else reads along', messageCard],
    ['where others might', pointerCard],
  ])('is built as it was when it was reviewed, %s', (_, card) => {
    expect(card(buildReviewSheet(plainCard))).toMatchSnapshot('card');
  });

  it.each(samples)('is one that Teams shows, and so is each of its pages: %s', (_, card) => {
    const sheet = buildReviewSheet(card);
    const cards = [messageCard(sheet), pointerCard(sheet), ...pagesOf(sheet)];
    expect(cards.map(objectionToCard).filter((one) => one !== undefined)).toEqual([]);
    expect(cards.flatMap(objectionsOf)).toEqual([]);
  });

  it.each(samples)('names its request where no words of anybody come, and is still shown: %s', (_, card) => {
    const sheet = buildReviewSheet(card);
    const mark = reviewMark(sheet.requestId);
    const cards = [messageCard(sheet), pointerCard(sheet), gatheredCard([sheet, sheet], true)];
    for (const one of cards.map((each) => marked(each, mark))) {
      expect(markOf(JSON.stringify(one))).toBe(mark);
      expect(objectionToCard(one)).toBeUndefined();
      expect(objectionsOf(one)).toEqual([]);
    }
    expect(gatheringMark(sheet.requestId)).not.toBe(mark);
  });

  it('is judged: what Adaptive Cards 1.5 does not have is noticed', () => {
    expect(
      objectionsOf({ ...messageCard(buildReviewSheet(plainCard)), body: [{ type: 'Tabel' }] }),
    ).not.toEqual([]);
  });

  it.each(samples)('leaves nothing of a request out of its pages: %s', (_, card) => {
    const sheet = buildReviewSheet(card);
    const shown = pagesOf(sheet).flatMap(cardLines).map(fromVisible);
    const rows = paginate(sheet, PAGE_BUDGET).flatMap(({ sections }) => sections.flatMap((one) => one.rows));
    expect(shown).toEqual(expect.arrayContaining(rows.flatMap(({ lines }) => lines.map(fromVisible))));
  });

  it('offers a decision only where everything has been shown', () => {
    const offers = ({ actions }: AdaptiveCard) =>
      actions.some((action) => action.type === 'Action.Execute' && action.verb !== 'page');
    const long = buildReviewSheet(SAMPLE_CARDS['a Terraform plan']);
    expect(offers(messageCard(long))).toBe(false);
    expect(pagesOf(long).map(offers)).toEqual([
      ...Array.from({ length: pagesOf(long).length - 1 }, () => false),
      true,
    ]);
    expect(offers(messageCard(buildReviewSheet(plainCard)))).toBe(true);
    expect(offers(pointerCard(buildReviewSheet(plainCard)))).toBe(false);
    const over = buildReviewSheet({ ...plainCard, status: 'approved' });
    expect([messageCard(over), ...pagesOf(over)].some(offers)).toBe(false);
  });

  it('says how grave it is and how long there is before all else, on each page, too', () => {
    const sheet = buildReviewSheet(SAMPLE_CARDS['a Terraform plan']);
    for (const card of [messageCard(sheet), ...pagesOf(sheet)])
      expect(cardLines(card).slice(0, 3)).toEqual([
        'A request waits for a decision',
        'Risk: high',
        'Decide before 2026-11-20T03:15:00.000Z (15 min after it was asked)',
      ]);
    expect(textOf(messageCard(buildReviewSheet({ ...plainCard, status: 'denied' })))).not.toContain(
      'Decide before',
    );
  });

  it('leads to the request, also where it shows little, gathers several, or is over', () => {
    const sheet = buildReviewSheet(plainCard);
    const long = buildReviewSheet(SAMPLE_CARDS['a Terraform plan']);
    const over = buildReviewSheet({ ...plainCard, status: 'denied' });
    for (const card of [sheet, long, over].flatMap((each) => [
      messageCard(each),
      pointerCard(each),
      ...pagesOf(each),
    ]))
      expect(addressesIn(card)).toEqual([plainCard.link]);
    for (const isPrivate of [true, false]) {
      const gathered = gatheredCard([sheet, over], isPrivate);
      expect(addressesIn(gathered)).toEqual([plainCard.link, plainCard.link]);
      expect(objectionToCard(gathered)).toBeUndefined();
      expect(objectionsOf(gathered)).toEqual([]);
    }
  });

  it('leads nowhere where the settings name no place', () => {
    const { link: _, ...card } = plainCard;
    const sheet = buildReviewSheet(card);
    const over = buildReviewSheet({ ...card, status: 'denied' });
    const cards = [sheet, over].flatMap((each) => [
      messageCard(each),
      pointerCard(each),
      ...pagesOf(each),
      gatheredCard([each], true),
    ]);
    expect(addressesIn(cards)).toEqual([]);
    expect(JSON.stringify(cards)).not.toContain('Action.OpenUrl');
  });

  it('leads nowhere else, whatever a requester says', () => {
    const card = { ...SAMPLE_CARDS['an attack'], link: LONGEST_LINK };
    const sheet = buildReviewSheet(card);
    for (const shown of [messageCard(sheet), pointerCard(sheet), ...pagesOf(sheet)])
      expect(addressesIn(shown)).toEqual([LONGEST_LINK]);
  });

  it('holds no element that reads markup', () => {
    const types = JSON.stringify(messageCard(buildReviewSheet(SAMPLE_CARDS['an attack']))).match(
      /"type":"[A-Za-z.]+"/g,
    );
    expect([...new Set(types)].toSorted()).toEqual([
      '"type":"Action.Execute"',
      '"type":"Action.OpenUrl"',
      '"type":"AdaptiveCard"',
      '"type":"Container"',
      '"type":"Input.Text"',
      '"type":"RichTextBlock"',
      '"type":"TextRun"',
    ]);
  });

  it('is within the limit with as many gathered as it may hold, whatever they say', () => {
    const wide = '{{'.repeat(900);
    const sheet = buildReviewSheet({
      ...plainCard,
      link: LONGEST_LINK,
      requester: { type: 'Agent', id: `а${wide}` },
      action: { name: `аb${wide}`, properties: {} },
      resource: { type: 'Dataset', id: ATTACK_TEXT + wide },
    });
    const card = gatheredCard(
      Array.from({ length: GATHERS_AT_MOST }, () => sheet),
      true,
    );
    expect(objectionToCard(card)).toBeUndefined();
    expect(objectionsOf(card)).toEqual([]);
  });

  it('leaves out the links of gathered cards before it grows too large', () => {
    const wide = 'a'.repeat(4_000);
    const sheet = buildReviewSheet({
      ...plainCard,
      isDevelopment: true,
      link: LONGEST_LINK,
      requester: { type: `а${wide}`, id: `а${wide}` },
      action: { name: `аb${wide}`, properties: {} },
      resource: { type: 'Dataset', id: ATTACK_TEXT + wide },
    });
    const gathered = (count: number) =>
      gatheredCard(
        Array.from({ length: count }, () => sheet),
        true,
      );
    const full = gathered(GATHERS_AT_MOST);
    expect(Buffer.byteLength(JSON.stringify(full))).toBeLessThanOrEqual(MOST_CARD);
    expect(addressesIn(full)).toEqual([]);
    expect(addressesIn(gathered(2))).toEqual([LONGEST_LINK, LONGEST_LINK]);
  });

  it('is within the limit whatever a requester says', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '{', '$', '"', '\\', '\n', ' ', '語', '\u{1F680}', '\u202E'),
      minLength: 1_000,
      maxLength: 2_000,
    });
    fc.assert(
      fc.property(text, fc.array(text, { maxLength: 20 }), (justification, command) => {
        const sheet = buildReviewSheet({ ...plainCard, link: LONGEST_LINK, justification, command });
        const cards = [messageCard(sheet), ...pagesOf(sheet)];
        expect(addressesIn(cards)).toEqual(cards.map(() => LONGEST_LINK));
        expect(cards.map(objectionToCard).filter((one) => one !== undefined)).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('a line in Teams', () => {
  it('can be read back exactly, and holds nothing that a client would read as more than text', () => {
    const anyCharacter = fc
      .integer({ min: 0, max: 0x10ffff })
      .map((codePoint) => String.fromCodePoint(codePoint))
      .filter((character) => character.isWellFormed());
    const markup = fc.constantFrom(
      'a',
      ' ',
      '  ',
      '{',
      '{{',
      '${',
      '}',
      '\\',
      '\\u{',
      'DATE(',
      '\u00A0',
      '\u202E',
    );
    const text = fc.array(fc.oneof(markup, anyCharacter), { maxLength: 30 }).map((some) => some.join(''));
    fc.assert(
      fc.property(text, (said) => {
        const shown = literal(visible(said));
        expect(fromVisible(fromLiteral(shown))).toBe(said);
        expect(shown).not.toMatch(/\$\{|\{\{|^ .| $.| {2}/);
      }),
      { numRuns: 500 },
    );
  });

  it('can be read back exactly with every character that cannot be seen', () => {
    const unseen = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
    for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
      if (codePoint >= 0xd800 && codePoint <= 0xdfff) continue;
      const character = String.fromCodePoint(codePoint);
      if (!unseen.test(character) || /\p{Cn}|\p{Co}/u.test(character)) continue;
      const said = `a${character}b`;
      if (fromVisible(fromLiteral(literal(visible(said)))) !== said)
        throw new Error(`U+${codePoint.toString(16)} can't be read back.`);
    }
  });
});

describe('a reminder in Teams', () => {
  const textAt = (sheet: ReviewSheet, now: string) => reminderActivity(sheet, Date.parse(now));

  it('tells until when, and how much is left of that', () => {
    expect(textAt(buildReviewSheet(plainCard), '2026-11-20T03:10:30.000Z')).toMatchObject({
      textFormat: 'plain',
      text: `Request ${plainCard.requestId} still waits for a decision until 2026-11-20T03:15:00.000Z (4 min 30 s left).`,
    });
  });

  it('tells of no time that is over', () => {
    expect(textAt(buildReviewSheet(plainCard), '2026-11-20T03:15:00.000Z')).toMatchObject({
      text: expect.stringMatching(/until 2026-11-20T03:15:00\.000Z\.$/) as string,
    });
  });
});
