import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeServer, type FakeRequest } from '@countersign/client/fake-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = join(import.meta.dirname, '../main.ts');

let server: FakeServer;
let folder: string;
let marker: string;

beforeEach(async () => {
  server = await FakeServer.start();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-run-')));
  marker = join(folder, 'marker');
  writeFileSync(join(folder, 'token'), `${server.tokenFor('Agent::"etl-bot"')}\n`);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Run {
  readonly child: ChildProcess;
  readonly done: Promise<{
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

const ASKED = ['--action', 'data.export', '--resource', 'Dataset/customers', '--reason', 'quarterly report'];

const startRun = (
  command: readonly string[],
  {
    options = [],
    cwd = folder,
    variables = {},
    input = '',
  }: {
    options?: readonly string[];
    cwd?: string;
    variables?: Record<string, string>;
    input?: string;
  } = {},
): Run => {
  const argv = ['--conditions=@countersign/source', MAIN, 'run', ...ASKED, ...options, '--', ...command];
  const child = spawn(process.execPath, argv, {
    cwd,
    env: {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      COUNTERSIGN_URL: server.baseUrl,
      COUNTERSIGN_TOKEN_FILE: join(folder, 'token'),
      ...variables,
    },
  });
  child.stdin.end(input);
  return { child, done: ended(child) };
};

const ended = async (child: ChildProcess): Promise<Awaited<Run['done']>> => {
  const [stdout, stderr] = await Promise.all([
    child.stdout!.toArray(),
    child.stderr!.toArray(),
    once(child, 'close'),
  ]);
  return {
    status: child.exitCode,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
};

/** Runs a command while something happens to its request. */
const during = async (run: Run, meanwhile: (request: FakeRequest) => unknown) => {
  await meanwhile(await server.submitted());
  return run.done;
};

const approve = (request: FakeRequest): void => request.moveTo('approved');
const leaveMarker = (): readonly string[] => ['sh', '-c', `echo ran >> ${marker}`];

describe('countersign run', () => {
  it.each([
    ['denied', 10, (request) => request.moveTo('denied')],
    ['expired', 11, (request) => request.moveTo('expired')],
    ['undeliverable', 11, (request) => request.moveTo('undeliverable')],
    ['cancelled', 12, (request) => request.cancel()],
    ['revoked', 13, (request) => request.moveTo('revoked')],
    ['grant_expired', 13, (request) => request.moveTo('grant_expired')],
    ['unreachable', 14, async () => server.stop()],
  ] satisfies [string, number, (request: FakeRequest) => unknown][])(
    'never starts what is %s, and exits with %i',
    async (code, status, meanwhile) => {
      const result = await during(startRun(leaveMarker(), { options: ['--patience', '100ms'] }), meanwhile);
      expect(result).toMatchObject({ status, stdout: '' });
      expect(result.stderr).toContain(`code ${code}`);
      expect(existsSync(marker)).toBe(false);
    },
  );

  it('never starts when the server was never there', async () => {
    await server.stop();
    const result = await startRun(leaveMarker(), { options: ['--patience', '100ms'] }).done;
    expect(result.status).toBe(14);
    expect(existsSync(marker)).toBe(false);
  });

  it('cancels after --timeout, and never starts', async () => {
    const result = await startRun(leaveMarker(), { options: ['--timeout', '50ms'] }).done;
    expect(result.status).toBe(12);
    expect(server.requests[0]?.status).toBe('cancelled');
    expect(existsSync(marker)).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('cancels the request on %s while it waits', async (signal) => {
    const run = startRun(leaveMarker());
    await once(run.child.stderr!, 'readable');
    const result = await during(run, () => run.child.kill(signal));
    expect(result.status).toBe(12);
    expect(server.requests[0]?.status).toBe('cancelled');
    expect(existsSync(marker)).toBe(false);
  });

  it('binds and runs exactly the given argv, in the working directory', async () => {
    const script = 'console.log(JSON.stringify([process.cwd(), process.argv.slice(1)]))';
    const command = [process.execPath, '-e', script, '--', 'two words', '', '--json', '$HOME', "it's"];
    const result = await during(startRun(command), approve);
    expect(JSON.parse(result.stdout)).toEqual([folder, command.slice(4)]);
    expect(result.status).toBe(0);
    const [request] = server.requests;
    expect(request?.action.context).toMatchObject({
      command,
      workingDirectory: folder,
      executable: { path: process.execPath, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      justification: 'quarterly report',
    });
    expect(request?.outcome).toEqual({ status: 'succeeded', exitCode: 0 });
  });

  it('hands the terminal through: stdin in, stdout and stderr out', async () => {
    const run = startRun(['sh', '-c', 'cat; echo oops >&2'], { input: 'from stdin' });
    const result = await during(run, approve);
    expect(result.stdout).toBe('from stdin');
    expect(result.stderr).toContain('oops\n');
  });

  it("exits with the command's own status, and reports it", async () => {
    const result = await during(startRun(['sh', '-c', 'exit 5']), approve);
    expect(result.status).toBe(5);
    expect(server.requests[0]?.outcome).toEqual({ status: 'failed', exitCode: 5 });
  });

  it('exits with 128 + n when a signal ended the command, and hands signals on', async () => {
    const run = startRun(['sh', '-c', 'echo started; exec sleep 60']);
    const result = await during(run, async (request) => {
      request.moveTo('approved');
      await once(run.child.stdout!, 'readable');
      run.child.kill('SIGTERM');
    });
    expect(result.status).toBe(143);
    expect(server.requests[0]?.outcome).toEqual({
      status: 'failed',
      exitCode: 143,
      summary: 'ended by SIGTERM',
    });
  });

  it('lets the command answer a signal in its own way', async () => {
    const run = startRun(['sh', '-c', 'trap "exit 7" INT; echo started; while :; do sleep 0.02; done']);
    const result = await during(run, async (request) => {
      request.moveTo('approved');
      await once(run.child.stdout!, 'readable');
      run.child.kill('SIGINT');
    });
    expect(result.status).toBe(7);
  });

  it('hands the command no variable of ours, and all others', async () => {
    const variables = { COUNTERSIGN_EXECUTOR_TOKEN: 'secret', GREETING: 'hello' };
    const result = await during(startRun(['env'], { variables }), approve);
    expect(result.stdout).toContain('GREETING=hello\n');
    expect(result.stdout).not.toMatch(/countersign_/i);
  });

  it('binds a variable by name and digest, never by value', async () => {
    const run = startRun(['true'], {
      options: ['--bind-env', 'PGHOST'],
      variables: { PGHOST: 'db.internal' },
    });
    await during(run, approve);
    const { context } = server.requests[0]!.action;
    expect(context['boundEnvironment']).toEqual({
      PGHOST: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(JSON.stringify(server.calls)).not.toContain('db.internal');
  });

  it.each([
    [
      'the executable was changed',
      () => writeFileSync(join(folder, 'job/tool'), `#!/bin/sh\necho changed > ${marker}\n`),
    ],
    [
      'the executable was replaced',
      () => {
        writeFileSync(join(folder, 'other'), '#!/bin/sh\n', { mode: 0o755 });
        renameSync(join(folder, 'other'), join(folder, 'job/tool'));
      },
    ],
    ['the executable is gone', () => rmSync(join(folder, 'job/tool'))],
    [
      'another folder stands where it was to run',
      () => {
        renameSync(join(folder, 'job'), join(folder, 'elsewhere'));
        mkdirSync(join(folder, 'job'));
        writeFileSync(join(folder, 'job/tool'), readFileSync(join(folder, 'elsewhere/tool')), {
          mode: 0o755,
        });
      },
    ],
  ])('never starts when %s, takes the approval back, and exits with 15', async (_, change) => {
    mkdirSync(join(folder, 'job'));
    writeFileSync(join(folder, 'job/tool'), `#!/bin/sh\necho ran > ${marker}\n`);
    chmodSync(join(folder, 'job/tool'), 0o755);
    const result = await during(startRun(['./tool'], { cwd: join(folder, 'job') }), (request) => {
      change();
      request.moveTo('approved');
    });
    expect(result.status).toBe(15);
    expect(result.stderr).toContain('code binding_changed');
    expect(server.requests[0]?.status).toBe('revoked');
    expect(existsSync(marker)).toBe(false);
  });

  it('asks for nothing when there is no such command, and exits with 127', async () => {
    const result = await startRun(['no-such-program']).done;
    expect(result.status).toBe(127);
    expect(server.calls).toEqual([]);
  });

  it('reports what could not be started, and exits with 126', async () => {
    const script = join(folder, 'script');
    writeFileSync(script, '#!/no/such/interpreter\n', { mode: 0o755 });
    const result = await during(startRun([script]), approve);
    expect(result.status).toBe(126);
    expect(server.requests[0]?.outcome).toEqual({ status: 'failed', summary: 'CliError' });
  });

  it('runs once for one idempotency key', async () => {
    const options = ['--idempotency-key', 'report-2026-q3'];
    const first = await during(startRun(leaveMarker(), { options }), approve);
    const second = await startRun(leaveMarker(), { options }).done;
    expect([first.status, second.status]).toEqual([0, 16]);
    expect(readFileSync(marker, 'utf8')).toBe('ran\n');
  });

  it('lets the executor redeem with a token of its own', async () => {
    const variables = { COUNTERSIGN_EXECUTOR_TOKEN: server.tokenFor('Service::"db-gateway"') };
    const options = ['--executor', 'Service/db-gateway'];
    const result = await during(startRun(leaveMarker(), { options, variables }), approve);
    expect(result.status).toBe(0);
    expect(server.requests[0]?.status).toBe('succeeded');
  });

  it('says the run in JSON lines on stderr, and leaves stdout to the command', async () => {
    const result = await during(startRun(['echo', 'done'], { options: ['--json'] }), approve);
    expect(result.stdout).toBe('done\n');
    const lines = result.stderr
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  });

  it('prints no token', async () => {
    const result = await during(startRun(['env']), approve);
    const token = readFileSync(join(folder, 'token'), 'utf8').trim();
    expect(result.stdout + result.stderr).not.toContain(token);
    expect(result.stdout + result.stderr).not.toContain(server.requests[0]!.grantToken);
  });
});
