import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bindCommand, contextOf, requireUnchanged, type Surroundings } from './command-binding.ts';

const SCRIPT = '#!/bin/sh\necho hello\n';
const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

let cwd: string;
let variables: Record<string, string>;
const surroundings = (): Surroundings => ({ cwd, variable: (name) => variables[name] });

beforeEach(() => {
  cwd = realpathSync(mkdtempSync(join(tmpdir(), 'countersign-bind-')));
  mkdirSync(join(cwd, 'bin'));
  writeFileSync(join(cwd, 'bin/tool-1.2'), SCRIPT, { mode: 0o755 });
  symlinkSync('tool-1.2', join(cwd, 'bin/tool'));
  variables = { PATH: join(cwd, 'bin'), PGHOST: 'db' };
});
afterEach(() => rmSync(cwd, { recursive: true }));

describe('a bound command', () => {
  it('names what would run: argv, folder, executable and its content, values by digest', async () => {
    const binding = await bindCommand(['tool', '--all'], ['PGHOST'], surroundings());
    expect(contextOf(binding)).toEqual({
      command: ['tool', '--all'],
      workingDirectory: cwd,
      executable: { path: join(cwd, 'bin/tool'), target: join(cwd, 'bin/tool-1.2'), sha256: hex(SCRIPT) },
      boundEnvironment: { PGHOST: hex('db') },
    });
    await expect(requireUnchanged(binding, surroundings())).resolves.toBeUndefined();
  });

  it.each([
    ['a path', './bin/tool'],
    ['a name in an empty part of PATH', 'bin-less'],
  ])('is found by %s', async (_, program) => {
    writeFileSync(join(cwd, 'bin-less'), SCRIPT, { mode: 0o755 });
    variables['PATH'] = `/nowhere::${join(cwd, 'bin')}`;
    const { executable } = await bindCommand([program], [], surroundings());
    expect(executable.path).toBe(join(cwd, program));
  });

  it.each([
    ['is not there', 'nothing'],
    ['is a folder', './bin'],
    ['may not be executed', './notes.txt'],
  ])('is refused when it %s', async (_, program) => {
    writeFileSync(join(cwd, 'notes.txt'), 'x', { mode: 0o644 });
    await expect(bindCommand([program], [], surroundings())).rejects.toMatchObject({
      code: 'command_not_found',
    });
  });

  it.each([
    ['is not set', 'NOWHERE'],
    ['is ours', 'COUNTERSIGN_TOKEN'],
  ])('is refused when a variable to bind %s', async (_, name) => {
    variables['COUNTERSIGN_TOKEN'] = 'secret';
    await expect(bindCommand(['tool'], [name], surroundings())).rejects.toMatchObject({
      code: 'usage',
      field: `--bind-env ${name}`,
    });
  });

  it.each([
    ['the content of the executable', `executable`, () => writeFileSync(join(cwd, 'bin/tool-1.2'), 'other')],
    [
      'where a link leads, even to the same content',
      `executable`,
      () => {
        writeFileSync(join(cwd, 'bin/tool-2'), SCRIPT, { mode: 0o755 });
        rmSync(join(cwd, 'bin/tool'));
        symlinkSync('tool-2', join(cwd, 'bin/tool'));
      },
    ],
    [
      'the value of a variable',
      'environment variable PGHOST',
      () => Object.assign(variables, { PGHOST: 'evil' }),
    ],
    ['a variable that is gone', 'environment variable PGHOST', () => delete variables['PGHOST']],
    [
      'the working directory',
      'working directory',
      () => {
        cwd = join(cwd, 'bin');
      },
    ],
  ])('notices a change of %s', async (_, named, change) => {
    const before = cwd;
    const binding = await bindCommand(['tool'], ['PGHOST'], surroundings());
    change();
    await expect(requireUnchanged(binding, surroundings())).rejects.toMatchObject({
      code: 'binding_changed',
      field: expect.stringContaining(named) as string,
    });
    cwd = before;
  });
});
