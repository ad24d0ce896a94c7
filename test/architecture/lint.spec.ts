import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lint } from '../../scripts/lib/lint.mjs';
import { packages, root } from './workspace.ts';

/** Source files that break a rule each, in a copy of the workspace's skeleton. */
const offenders = {
  'libs/kernel/src/upwards.ts': "import { x } from '@countersign/event-store';\nexport const y = x;\n",
  'libs/domain/action/src/framework.ts': "import { x } from '@nestjs/common';\nexport const y = x;\n",
  'libs/domain/review/src/sideways.ts':
    "import { x } from '@countersign/domain-grant';\nexport const y = x;\n",
  'libs/client/src/host.ts': "import { x } from '@countersign/service-host';\nexport const y = x;\n",
  'libs/services/intake/src/service.ts':
    "import { x } from '@countersign/service-policy';\nexport const y = x;\n",
  'libs/services/audit/src/adapter.ts':
    "import { x } from '@countersign/policy-cedar';\nexport const y = x;\n",
  'libs/services/audit/src/relative.ts':
    "import { x } from '../../policy/src/index.ts';\nexport const y = x;\n",
  'apps/intake/src/service.ts': "import { x } from '@countersign/service-audit';\nexport const y = x;\n",
  'libs/bus/src/deep.ts': "import { x } from '@countersign/kernel/src/json.ts';\nexport const y = x;\n",
  'libs/bus/src/floating.ts': 'export const go = (): void => {\n  Promise.resolve(1);\n};\n',
  'libs/bus/src/any.ts': 'export const y: any = 1;\n',
  'libs/bus/src/env.ts': 'export const y = process.env;\n',
  'libs/bus/src/cycle-a.ts': "import { b } from './cycle-b.ts';\nexport const a = (): unknown => b;\n",
  'libs/bus/src/cycle-b.ts': "import { a } from './cycle-a.ts';\nexport const b = (): unknown => a;\n",
  'libs/bus/src/fine.ts': "import { x } from '@countersign/kernel';\nexport const y = x;\n",
};

const expected: Record<Exclude<keyof typeof offenders, 'libs/bus/src/fine.ts'>, string> = {
  'libs/kernel/src/upwards.ts': '@nx(enforce-module-boundaries)',
  'libs/domain/action/src/framework.ts': '@nx(enforce-module-boundaries)',
  'libs/domain/review/src/sideways.ts': '@nx(enforce-module-boundaries)',
  'libs/client/src/host.ts': '@nx(enforce-module-boundaries)',
  'libs/services/intake/src/service.ts': '@nx(enforce-module-boundaries)',
  'libs/services/audit/src/adapter.ts': '@nx(enforce-module-boundaries)',
  'libs/services/audit/src/relative.ts': '@nx(enforce-module-boundaries)',
  'apps/intake/src/service.ts': '@nx(enforce-module-boundaries)',
  'libs/bus/src/deep.ts': 'eslint(no-restricted-imports)',
  'libs/bus/src/floating.ts': 'typescript(no-floating-promises)',
  'libs/bus/src/any.ts': 'typescript(no-explicit-any)',
  'libs/bus/src/env.ts': 'node(no-process-env)',
  'libs/bus/src/cycle-a.ts': 'import(no-cycle)',
  'libs/bus/src/cycle-b.ts': 'import(no-cycle)',
};

/** node_modules as npm lays them out: our names lead to the copy, all others to what is installed here. */
function linkModules(workspace: string): void {
  const modules = join(workspace, 'node_modules');
  mkdirSync(join(modules, '@countersign'), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== '@countersign') symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const { folder, manifest } of packages)
    symlinkSync(join(workspace, folder), join(modules, manifest.name));
}

describe('the lint', () => {
  const workspace = mkdtempSync(join(tmpdir(), 'countersign-lint-'));
  const found = new Map<string, string>();

  beforeAll(async () => {
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(workspace, path)), { recursive: true });
      writeFileSync(join(workspace, path), text);
    };
    for (const file of [
      'package.json',
      'package-lock.json',
      'nx.json',
      '.oxlintrc.json',
      'tsconfig.base.json',
      '.gitignore',
    ]) {
      cpSync(join(root, file), join(workspace, file));
    }
    for (const { folder } of packages) {
      for (const file of ['package.json', 'tsconfig.json'])
        cpSync(join(root, folder, file), join(workspace, folder, file), { recursive: true });
      write(`${folder}/src/index.ts`, 'export const x = 1;\n');
    }
    for (const [path, text] of Object.entries(offenders)) write(path, text);
    linkModules(workspace);
    const { problems, boundaries } = await lint([], { cwd: workspace });
    for (const line of [...problems, ...boundaries]) {
      const path = line.slice(0, line.indexOf(':'));
      found.set(path, `${found.get(path) ?? ''}${line}\n`);
    }
  }, 60_000);

  afterAll(() => rmSync(workspace, { recursive: true, force: true }));

  it.each(Object.entries(expected))('refuses %s by %s', (path, rule) => {
    expect(found.get(path)).toContain(rule);
  });

  it('lets pass what points the right way', () => {
    expect(found.get('libs/bus/src/fine.ts')).toBeUndefined();
  });
});
