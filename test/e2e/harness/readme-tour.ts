import { expect } from 'vitest';
import { cli, startCli, type CliEnding } from './cli.ts';
import type { Countersign } from './countersign.ts';

const EXPORT = [
  ['run', '--as', 'Agent::"etl-bot"', '--action', 'data.export', '--resource', 'Dataset/customers'],
  ['--reason', 'Quarterly report', '--context', 'rows=500', '--idempotency-key', 'report-2026-q3'],
  ['--', 'echo', 'exported'],
].flat();
const ALREADY_SPENT = 16;
const POLL = { timeout: 30_000 };

/**
 * The README's five minutes by the command line, to the end: asked, shown, refused to its owner, approved, run
 * once, spent, on record with each signature valid. `output` is what Countersign prints.
 */
export const takeTheTour = async (
  countersign: Pick<Countersign, 'address' | 'dataFolder'>,
  output: () => string,
): Promise<void> => {
  const run = (...args: readonly string[]): Promise<CliEnding> => cli(countersign, ...args);
  const agent = startCli(countersign, EXPORT);
  const id = await agent.said(/request (\S+) is pending/);
  expect((await run('reviews', '--as', 'alice')).stdout).toContain(id);
  await expect.poll(output, POLL).toContain(`countersign approve ${id} --as alice`);
  const refused = await run('approve', id, '--as', 'carol', '--reason', 'Looks fine');
  expect(refused.stderr).toContain('code self_approval');
  expect(await run('approve', id, '--as', 'alice', '--reason', 'Agreed')).toMatchObject({ code: 0 });
  expect(await agent.ended).toMatchObject({ code: 0, stdout: 'exported\n' });
  expect(await startCli(countersign, EXPORT).ended).toMatchObject({ code: ALREADY_SPENT, stdout: '' });
  const story = async (): Promise<string> =>
    (await run('audit', 'show', id, '--as', 'dave')).stdout.split('THE EVENTS')[1] ?? '';
  await expect.poll(story, POLL).toContain('ExecutionReported');
  const signatures = (await story()).trim().split('\n').slice(1);
  expect(signatures.length).toBeGreaterThan(10);
  expect(signatures.filter((line) => !line.endsWith(' valid'))).toEqual([]);
};
