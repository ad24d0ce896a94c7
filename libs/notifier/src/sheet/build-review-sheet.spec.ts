import { formatEntity, fromVisible, visible } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { plainCard, SAMPLE_CARDS } from '../samples/index.ts';
import type { ReviewCard } from '../card/review-card.ts';
import { buildReviewSheet } from './build-review-sheet.ts';
import type { ReviewSheet, SheetRow } from './review-sheet.ts';

const rowsOf = ({ notices, sections }: ReviewSheet): readonly SheetRow[] => [
  ...notices,
  ...sections.flatMap((section) => section.rows),
];

const linesUnder = (sheet: ReviewSheet, label: string): readonly string[] =>
  rowsOf(sheet).find((row) => row.label === label)?.lines ?? [];

const textOf = (sheet: ReviewSheet): string =>
  fromVisible(
    rowsOf(sheet)
      .flatMap(({ lines }) => lines)
      .join('\n'),
  );

/** Every place of a card where somebody's text stands, and how the sheet is given one there. */
const FIELDS: Readonly<Record<string, (text: string) => Partial<ReviewCard>>> = {
  requester: (id) => ({ requester: { type: 'Agent', id } }),
  owner: (id) => ({ owner: { type: 'Group', id } }),
  initiator: (initiator) => ({ initiator }),
  'action name': (name) => ({ action: { name, properties: {} } }),
  'action property': (value) => ({ action: { name: 'data.export', properties: { format: value } } }),
  'resource type': (type) => ({ resource: { type, id: 'customers' } }),
  'resource id': (id) => ({ resource: { type: 'Dataset', id } }),
  command: (word) => ({ command: ['psql', word] }),
  redeemer: (id) => ({ redeemer: { type: 'Service', id }, enforcement: 'guarded' }),
  catalogue: (value) => ({ catalogue: { environment: value } }),
  justification: (justification) => ({ justification }),
  impact: (impact) => ({ impact }),
  destination: (destination) => ({ destination }),
  'member name': (name) => ({ details: { [name]: 1 } }),
  'member value': (value) => ({ details: { note: [value] } }),
  'property of the requester': (value) => ({ requesterProperties: { model: value } }),
  'property of the resource': (value) => ({ resourceProperties: { size: value } }),
  'claim that policy reads': (value) => ({ claimsRead: [{ path: 'context.rows', value }] }),
  'policy description': (description) => ({ policies: [{ id: 'p', description }] }),
  control: (control) => ({ controls: [control] }),
  risk: (risk) => ({ risk }),
  group: (group) => ({ requirements: [{ group, quorum: 1, alternatives: [] }] }),
  'alternative group': (group) => ({ requirements: [{ group: 'g', quorum: 1, alternatives: [group] }] }),
  'vacant group': (group) => ({ vacant: [group] }),
  'reason of a decision': (reason) => ({
    decisions: [
      {
        approver: 'alice',
        decision: 'approve',
        reason,
        via: { channel: 'api' },
        decidedAt: plainCard.requestedAt,
      },
    ],
  }),
  'detail of an outcome': (detail) => ({
    status: 'failed',
    outcome: { at: plainCard.requestedAt, by: 'alice', detail },
  }),
};

/** All that nobody sees, or that changes how the rest is read. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Z}\p{Co}\p{Cs}]/u;

const unseenCharacters = (): readonly string[] => {
  const found: string[] = [];
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    const character = String.fromCodePoint(codePoint);
    const isSample = codePoint < 0xe000 || codePoint > 0xf8ff || codePoint % 997 === 0;
    if (character !== ' ' && isSample && codePoint < 0xf0000 && UNSEEN.test(character)) found.push(character);
  }
  return found;
};

/** Some fields are written in a notation that has escapes of its own. */
const WRITTEN: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/member|property|claim|catalogue/, (text) => JSON.stringify(text).slice(1, -1)],
  [/requester|owner|initiator|resource id|redeemer/, (id) => formatEntity({ type: '', id }).slice(2)],
];

/** A line end in somebody's prose is shown as one. */
const SHOWN_AS_IT_IS = '\n';

describe('a review sheet', () => {
  it('tells who asks and what runs before what the requester may fill with pages', () => {
    const { sections } = buildReviewSheet(plainCard);
    expect(sections.map(({ about }) => about)).toEqual([
      'request',
      'action',
      'claims',
      'catalogue',
      'decision',
    ]);
  });

  it('asks for a decision only while one is wanted', () => {
    expect(buildReviewSheet(plainCard)).toMatchObject({ asks: true, commands: { length: 3 } });
    expect(buildReviewSheet({ ...plainCard, status: 'approved' })).toMatchObject({
      asks: false,
      commands: [],
    });
  });

  it('says that it may be there twice, that it is development, and who may decide since an escalation', () => {
    const requirements = [{ group: 'data-owners', quorum: 1, alternatives: ['platform'] }];
    const sheet = buildReviewSheet({ ...plainCard, isDevelopment: true, requirements }, true);
    expect(sheet.notices.map(({ label }) => label)).toEqual(['mode', 'again', 'escalated']);
    expect(linesUnder(sheet, 'escalated')[0]).toContain('platform');
  });

  it.each(Object.entries(SAMPLE_CARDS))('shows %s so that its exact text can be told', (_, card) => {
    const shown = textOf(buildReviewSheet(card));
    for (const text of [card.justification, card.destination, card.resource.id])
      expect(shown).toContain(text);
  });

  it('warns of a name that mixes scripts', () => {
    const warned = rowsOf(buildReviewSheet(SAMPLE_CARDS['an attack'])).filter(({ warning }) => warning);
    expect(warned.map(({ label }) => label)).toEqual(['resource', 'context']);
  });

  it('asks only where policy takes a decision, and says where that is', () => {
    const card = { ...plainCard, decideVia: ['slack'] as const };
    const asks = (kind?: string) => buildReviewSheet(card, false, kind).asks;
    expect([asks('slack'), asks('teams'), asks('log'), asks()]).toEqual([true, false, false, true]);
    expect(buildReviewSheet({ ...plainCard, decideVia: ['api'] }, false, 'log').asks).toBe(true);
    const sheet = buildReviewSheet(card);
    expect(rowsOf(sheet)).toContainEqual({ label: 'decide by', lines: ['slack'] });
    expect(sheet.commands).toHaveLength(1);
  });

  it('says until when, and how long that is from the asking, while it waits', () => {
    const sheet = buildReviewSheet(plainCard);
    expect(rowsOf(sheet)).toContainEqual({
      label: 'decide before',
      lines: ['2026-11-20T03:15:00.000Z (15 min after it was asked)'],
      instant: '2026-11-20T03:15:00.000Z',
    });
    expect(sheet.deadline).toEqual({
      at: '2026-11-20T03:15:00.000Z',
      given: '15 min after it was asked',
    });
    const over = buildReviewSheet({ ...plainCard, status: 'approved' });
    expect(linesUnder(over, 'decide before')).toEqual([]);
    expect(over).not.toHaveProperty('deadline');
  });

  it('keeps the link apart from all that anybody says, whatever became of the request', () => {
    for (const status of ['pending', 'denied', 'succeeded'] as const) {
      const sheet = buildReviewSheet({ ...plainCard, status });
      expect(sheet.link).toBe(plainCard.link);
      expect(textOf(sheet)).not.toContain('console.acme.example');
    }
    const { link: _, ...withoutLink } = plainCard;
    expect(buildReviewSheet(withoutLink)).not.toHaveProperty('link');
  });

  it.each(Object.keys(FIELDS))('shows what nobody sees, wherever it stands: %s', (field) => {
    const characters = unseenCharacters();
    expect(characters.length).toBeGreaterThan(4_500);
    for (let start = 0; start < characters.length; start += 100) {
      const text = characters
        .slice(start, start + 100)
        .filter((character) => character !== SHOWN_AS_IT_IS)
        .join('x');
      const sheet = buildReviewSheet({ ...plainCard, ...FIELDS[field]?.(text) });
      const lines = rowsOf(sheet).flatMap((row) => row.lines);
      expect(lines.filter((line) => UNSEEN.test(line.replaceAll(' ', '')))).toEqual([]);
      const said = WRITTEN.find(([fields]) => fields.test(field))?.[1](text) ?? text;
      expect(lines.some((line) => line.includes(visible(said)) && fromVisible(line).includes(said))).toBe(
        true,
      );
    }
  });
});
