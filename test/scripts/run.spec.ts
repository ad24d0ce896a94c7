import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../scripts/lib/run.mjs';

const runModule = fileURLToPath(new URL('../../scripts/lib/run.mjs', import.meta.url));
const started: ChildProcessByStdio<null, Readable, null>[] = [];

/** A script that runs `program` in the foreground; both write to the same pipe, so its end is the end of both. */
async function script(program: string) {
  const source = `
    const { runForeground } = await import(${JSON.stringify(runModule)});
    process.exitCode = await runForeground(process.execPath, ['-e', ${JSON.stringify(program)}]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const ended = once(child.stdout, 'end');
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, ended, exited };
}

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

describe('a program in the foreground', () => {
  const wait = "console.log('up'); setInterval(() => {}, 1000);";

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is told of %s and says how it ended', async (signal) => {
    const { child, ended, exited } = await script(`process.on('${signal}', () => process.exit(7)); ${wait}`);
    child.kill(signal);
    expect(await exited).toEqual([7, null]);
    await ended;
  });

  it('hears a signal once, however often it is sent', async () => {
    const twice =
      "let n = 0; process.on('SIGINT', () => { n += 1; setTimeout(() => process.exit(n), 200); });";
    const { child, exited } = await script(`${twice} ${wait}`);
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect(await exited).toEqual([1, null]);
  });

  it('hears of the script being killed outright, so that it need not stay behind', async () => {
    const { child, ended } = await script(`process.on('disconnect', () => process.exit()); ${wait}`);
    child.kill('SIGKILL');
    await ended;
  });
});

describe('a program that is run', () => {
  it('is answered with its exit code and all it wrote', async () => {
    const noisy = "console.log('out'); console.error('err'); process.exitCode = 3;";
    const { code, output } = await run(process.execPath, ['-e', noisy]);
    expect({ code, lines: output.trim().split('\n').toSorted() }).toEqual({ code: 3, lines: ['err', 'out'] });
  });

  it('that does not exist ends with 127', async () => {
    expect(await run('countersign-no-such-program', [])).toMatchObject({ code: 127 });
  });
});
