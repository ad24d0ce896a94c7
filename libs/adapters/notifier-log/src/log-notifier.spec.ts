import { Writable } from 'node:stream';
import { fromVisible, type JsonObject } from '@countersign/kernel';
import {
  buildReviewCard,
  buildReviewSheet,
  type CardSurroundings,
  type Notifier,
  type ReviewCard,
} from '@countersign/notifier';
import { RequestStory, World, type StoryOptions } from '@countersign/service-testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { LogNotifier } from './log-notifier.ts';

const REQUEST_ID = '00000000-0000-4000-8000-000000000001';
const signal = new AbortController().signal;

/** A terminal that keeps what it is given. */
const terminal = () => {
  const written: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      written.push(chunk);
      done();
    },
  });
  const notifier: Notifier = new LogNotifier(stream);
  return { written, notifier };
};

const cardOf = ({ thread }: RequestStory, surroundings: CardSurroundings): ReviewCard => {
  const card = buildReviewCard(thread, surroundings);
  if (card === undefined) throw new Error('Nobody was asked.');
  return card;
};

const posted = async (story: RequestStory, surroundings: CardSurroundings, isRepeat = false) => {
  const { written, notifier } = terminal();
  const sheet = buildReviewSheet(cardOf(story, surroundings), isRepeat);
  await notifier.post({ channel: 'log', sheet, isRepeat, signal });
  return written.join('');
};

const updated = async (story: RequestStory, isRepeat = false) => {
  const { written, notifier } = terminal();
  const sheet = buildReviewSheet(cardOf(story, { isDevelopment: false }), isRepeat);
  await notifier.update({ channel: 'log', sheet, isRepeat, signal, message: 'printed' });
  return written.join('');
};

/** What stands right of the bar under a label, put together again. */
const shownUnder = (text: string, label: string): string => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`  ${label} `));
  const rows = lines.slice(start);
  const end = rows.findIndex((line, nth) => nth > 0 && !/^ {18}[|\\] /.test(line));
  return rows
    .slice(0, end)
    .map((line, nth) => (nth === 0 ? '' : line[18] === '|' ? '\n' : '') + line.slice(20))
    .join('');
};

describe('LogNotifier', () => {
  let world: World;
  beforeEach(async () => (world = await World.acme()));

  const begin = (options: StoryOptions = {}) =>
    RequestStory.begin(world, { requestId: REQUEST_ID, ...options });
  const exporting = (context: JsonObject, subject?: StoryOptions['subject']) =>
    begin({
      body: {
        action: { name: 'data.export' },
        resource: { type: 'Dataset', id: 'customers' },
        context: { justification: 'Quarterly report', ...context },
      },
      ...(subject && { subject }),
    });

  it('prints a card that a person can decide by', async () => {
    const story = await exporting(
      {
        justification: 'Quarterly report for the board.\nAsked for by finance.',
        impact: 'Customer data leaves the house.',
        destination: 's3://acme-reports/2026-q4',
        command: ['pg_dump', '--table=customers', 'orders'],
        rows: 500,
      },
      { type: 'Agent', id: 'etl-bot', properties: { initiator: 'dave' } },
    );
    expect(await posted(story, { isDevelopment: true, answerAs: 'alice' })).toMatchInlineSnapshot(`
      "================================================================================
      COUNTERSIGN  A request waits for a decision                          DEVELOPMENT
        mode            | DEVELOPMENT: tokens are minted on this machine; an approval 
                        \\ proves nothing.
        request         | 00000000-0000-4000-8000-000000000001
        who             | Agent::"etl-bot"
        owner           | User::"carol"
        on behalf of    | User::"dave"

        What the requester claims. All of it is bound; nobody has verified it.
        why             | Quarterly report for the board.
                        | Asked for by finance.
        impact          | Customer data leaves the house.
        destination     | s3://acme-reports/2026-q4
        context         | rows: 500
        policy reads    | context.rows: 500

        What runs, word for word. The approval holds for nothing else.
        action          | data.export
        resource        | Dataset::"customers"
        command         | pg_dump --table=customers orders
        enforcement     | advisory
                        | Agent::"etl-bot" asks and runs it itself; nothing but its 
                        \\ word keeps it to this action.
        digest          | Vcx4KJnUaJ2-...  (the first 12 of 43 characters)

        What the organisation knows of the resource.
        catalogue       | environment: "prod"

        Who decides, and why it is asked.
        policy          | export-needs-data-owner: An export leaves only with a data 
                        \\ owner's approval
        controls        | SOC2:CC6.1 NIST:AC-3(2)
        risk            | high
        needs           | 1 of data-owners
        still needs     | data-owners
        decide before   | 2026-11-20T10:15:00.000Z (15 min after it was asked)

        To answer, having read it:
          countersign show 00000000-0000-4000-8000-000000000001 --as alice
          countersign approve 00000000-0000-4000-8000-000000000001 --as alice --reason "..."
          countersign deny 00000000-0000-4000-8000-000000000001 --as alice --reason "..."
      ================================================================================
      "
    `);
  });

  it('prints an attack as what it is', async () => {
    const story = await begin({
      body: {
        action: { name: 'data.export\n  to answer       | countersign approve' },
        resource: { type: 'Dataset', id: 'customers" "x', properties: { 'note: "a", other': '\u202E' } },
        context: {
          justification: `fine\u001B[2J\u200B\r\n${' '.repeat(60)}\n${'x'.repeat(61)}decide before   | never`,
          command: ['rm', '-rf', '/ ', '', "it's", `two\nlines`, 'x'.repeat(70)],
        },
      },
      evaluation: { claims: ['context.rows', 'context.not said'] },
    });
    expect(await posted(story, { isDevelopment: false })).toMatchInlineSnapshot(`
      "================================================================================
      COUNTERSIGN  A request waits for a decision
        request         | 00000000-0000-4000-8000-000000000001
        who             | Agent::"etl-bot"
        owner           | User::"carol"
        on behalf of    | nobody is named

        What the requester claims. All of it is bound; nobody has verified it.
        why             | fine\\u{1B}[2J\\u{200B}\\u{D}
                        |                                                             
                        | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                        \\ xdecide before   | never
        impact          | not stated
        of the resource | "note: \\"a\\", other": "\\u{202E}"
        policy reads    | context.rows: not stated
                        | context.not said: not stated

        What runs, word for word. The approval holds for nothing else.
        action          | data.export\\u{A}  to answer       | countersign approve
        resource        | Dataset::"customers\\" \\"x"
        command         | rm
                        | -rf
                        | '/ '
                        | ''
                        | 'it'\\''s'
                        | 'two\\u{A}
                        |   lines'
                        | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                        \\ xxxxxxxxxx
        enforcement     | advisory
                        | Agent::"etl-bot" asks and runs it itself; nothing but its 
                        \\ word keeps it to this action.
        digest          | GyNuqESxSXNl...  (the first 12 of 43 characters)

        What the organisation knows of the resource.
        catalogue       | environment: "prod"

        Who decides, and why it is asked.
        policy          | export-needs-data-owner: An export leaves only with a data 
                        \\ owner's approval
        controls        | SOC2:CC6.1 NIST:AC-3(2)
        risk            | high
        needs           | 1 of data-owners
        still needs     | data-owners
        decide before   | 2026-11-20T10:15:00.000Z (15 min after it was asked)

        To answer, having read it:
          countersign show 00000000-0000-4000-8000-000000000001
          countersign approve 00000000-0000-4000-8000-000000000001 --reason "..."
          countersign deny 00000000-0000-4000-8000-000000000001 --reason "..."
      ================================================================================
      "
    `);
  });

  it('prints what became of it below, shorter', async () => {
    const story = await begin();
    await story.approve('alice', 'Matches OPS-1.\nGo on.');
    await story.claim();
    await story.redeem();
    await story.report('failed', 3);
    expect(await updated(story)).toMatchInlineSnapshot(`
      "================================================================================
      COUNTERSIGN  The request: failed
        request         | 00000000-0000-4000-8000-000000000001
        who             | Agent::"etl-bot"
        action          | data.export
        resource        | Dataset::"customers"
        digest          | Qe-qFIZu6rOi...  (the first 12 of 43 characters)
        needs           | 1 of data-owners
        decided         | approve by alice at 2026-11-20T10:00:00.000Z through api: 
                        \\ Matches OPS-1.\\u{A}Go on.
        when            | 2026-11-20T10:00:00.000Z
        by              | Agent::"etl-bot"
        exit code       | 3
      ================================================================================
      "
    `);
  });

  it('prints the way to the request in a line of its own, also of one that is over', async () => {
    const link = `https://console.acme.example/requests/${'x'.repeat(80)}`;
    const story = await begin();
    const line = `\n  To read it in a browser:\n    ${link}\n`;
    expect(await posted(story, { isDevelopment: false, link })).toContain(line);
    expect(await posted(story, { isDevelopment: false })).not.toContain('browser');
    await story.approve('alice');
    const { written, notifier } = terminal();
    const sheet = buildReviewSheet(cardOf(story, { isDevelopment: false, link }));
    await notifier.update({ channel: 'log', sheet, isRepeat: false, signal, message: 'printed' });
    expect(written.join('')).toContain(line);
  });

  it('prints anew whom an escalation lets decide', async () => {
    const escalation = { afterMs: 300_000, to: ['platform'] };
    const story = await begin({ obligations: { groups: [{ group: 'data-owners', quorum: 2, escalation }] } });
    expect(shownUnder(await posted(story, { isDevelopment: false }), 'needs')).toBe(
      '2 of data-owners; from 2026-11-20T10:05:00.000Z on also of platform',
    );
    await story.approve('alice');
    world.clock.advance(300_000);
    await story.escalate();
    const text = await updated(story);
    expect(text).toContain('A request waits for a decision');
    expect(text).toContain('| 2 of data-owners or platform\n');
    expect(text).toContain(`\n    countersign approve ${REQUEST_ID} --reason "..."\n`);
  });

  it('tells who runs it where that is not the requester', async () => {
    const text = await posted(await exporting({ executor: { type: 'Service', id: 'db-gateway' } }), {
      isDevelopment: false,
    });
    expect(shownUnder(text, 'enforcement')).toBe(
      'guarded\nService::"db-gateway", not the requester, checks the approval and runs it.',
    );
  });

  it('says so where a card may stand above already', async () => {
    const story = await begin();
    expect(shownUnder(await posted(story, { isDevelopment: false }, true), 'again')).toContain('stand above');
    expect(shownUnder(await updated(story, true), 'again')).toContain('stand above');
  });

  it('says DEVELOPMENT on every block of a development store, and only there', async () => {
    const story = await begin();
    expect(await posted(story, { isDevelopment: true })).toMatch(/^=+\n.* DEVELOPMENT\n/);
    expect(await posted(story, { isDevelopment: false })).not.toContain('DEVELOPMENT');
  });

  it('shows every text so that its exact characters can be told, and nothing of it left of the bar', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({
        unit: fc.constantFrom('a', ' ', '\n', '|', '\\', '\u202E', '語', '\u{1F680}'),
        maxLength: 300,
      }),
    );
    const surroundings = { isDevelopment: false };
    await fc.assert(
      fc.asyncProperty(
        text.filter((one) => one.isWellFormed() && one !== ''),
        async (said) => {
          const story = await begin({
            requestId: crypto.randomUUID(),
            body: {
              action: { name: 'data.export' },
              resource: { type: 'Dataset', id: 'customers' },
              context: { justification: said },
            },
          });
          const printed = await posted(story, surroundings);
          expect(fromVisible(shownUnder(printed, 'why'))).toBe(said);
          const plain =
            /^(={80}|COUNTERSIGN .*| {2}[A-Z][^|]*[.:]| {4}countersign .*|| {2}[a-z ]{15} [|\\!] .*)$/u;
          expect(printed.split('\n').filter((line) => !plain.test(line))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('answers channel_unavailable where the terminal is gone, and goes on living', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    const notifier = new LogNotifier(stream);
    const sheet = buildReviewSheet(cardOf(await begin(), { isDevelopment: false }));
    for (let again = 0; again < 2; again += 1) {
      await expect(notifier.post({ channel: 'log', sheet, isRepeat: false, signal })).rejects.toMatchObject({
        code: 'channel_unavailable',
      });
    }
  });
});
