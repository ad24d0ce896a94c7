import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, startCli } from './harness/cli.ts';
import { Countersign } from './harness/countersign.ts';
import { assertInvariants } from './harness/invariants.ts';
import { awaitStatus, ETL_BOT } from './harness/life-cycle.ts';
import { findPostgres, Postgres } from './harness/postgres.ts';

const programs = findPostgres();
const title =
  programs === undefined
    ? 'needs pg_dump on PATH (postgresql-client), and a PostgreSQL that is no newer'
    : 'a real pg_dump of a real PostgreSQL';
const REASON = 'Quarterly report';

/** Who asked, what exactly, why, under which policy, who decided and who may not, what came of it. */
const WHOLE_STORY = [
  /^status +succeeded$/m,
  /^who +Agent::"etl-bot"$/m,
  /^action +data\.export$/m,
  /^resource +Dataset\/customers$/m,
  /^why +Quarterly report$/m,
  /^command +pg_dump --host=127\.0\.0\.1 .*--table=customers --file=customers\.sql postgres$/m,
  /^context\.executable +\{"path":".*pg_dump","sha256":"[0-9a-f]{64}"/m,
  /^owner +User::"carol"$/m,
  /^answer +review_required: .*export-needs-data-owner/m,
  /^ +@require_approval\("data-owners"\)$/m,
  /^catalogue +\{"environment":"prod"\}$/m,
  /alice +approve +data-owners +api, .* Two rows are fine\.$/m,
  /User::"carol" +approve +is_owner /m,
  /^redeemed +\S+ by Agent::"etl-bot", advisory$/m,
  /^outcome +\S+ by Agent::"etl-bot": succeeded$/m,
  /^exit code +0$/m,
];

describe.skipIf(programs === undefined)(title, () => {
  let postgres: Postgres;
  let countersign: Countersign;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-dump-'));
    [postgres, countersign] = await Promise.all([Postgres.start(programs!), Countersign.start()]);
    postgres.run('CREATE TABLE customers (id int, name text)');
    postgres.run("INSERT INTO customers VALUES (1, 'Ada'), (2, 'Grace')");
  });
  afterAll(async () => {
    await countersign.dispose();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is held, approved by alice, runs exactly once, is refused the second time, and audit tells the whole story', async () => {
    const key = randomUUID();
    const dump = ['pg_dump', ...postgres.address, '--table=customers', '--file=customers.sql', 'postgres'];
    const file = join(folder, 'customers.sql');
    const run = () =>
      startCli(
        countersign,
        ['run', '--as', ETL_BOT, '--action', 'data.export', '--resource', 'Dataset/customers'].concat([
          '--reason',
          REASON,
          '--context',
          'rows=2',
          '--idempotency-key',
          key,
          '--',
          ...dump,
        ]),
        folder,
      );

    const held = run();
    const id = await held.said(/request (\S+) is pending, needs .*data-owners/);
    expect(existsSync(file)).toBe(false);
    const carol = await cli(countersign, 'approve', id, '--as', 'carol', '--reason', 'It is mine.');
    expect(carol.stderr).toMatch(/self_approval/);
    const approved = await cli(countersign, 'approve', id, '--as', 'alice', '--reason', 'Two rows are fine.');
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(await held.ended).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toMatch(/COPY public\.customers .*\n1\tAda\n2\tGrace\n/);

    rmSync(file);
    const again = await run().ended;
    expect(again.code).not.toBe(0);
    expect(again.stderr).toMatch(/already/i);
    expect(existsSync(file)).toBe(false);
    const etlBot = await countersign.api(ETL_BOT);
    expect(await etlBot.post('/v1/grants', { requestId: id })).toMatchObject({
      status: 409,
      json: { code: 'already_redeemed' },
    });

    await awaitStatus(etlBot, id, 'succeeded');
    const story = await cli(countersign, 'audit', 'show', id, '--as', 'dave');
    for (const line of WHOLE_STORY) expect(story.stdout).toMatch(line);
    expect(story.stdout.match(/grant@\d+ +\w+/g)?.map((event) => event.split(/ +/)[1])).toEqual([
      'GrantOpened',
      'TokenIssued',
      'GrantRedeemed',
      'ExecutionReported',
    ]);
    await countersign.stop();
    assertInvariants(countersign);
  });
});
