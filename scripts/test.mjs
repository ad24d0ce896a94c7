// Everything that says whether this tree is good, in one command. A step that fails doesn't hide the others, and
// each counts in the last line beside the tests.
import { ensureInstalled } from './bootstrap.mjs';
import { ensureNats } from './ensure-nats.mjs';
import { ensurePgDump } from './ensure-pg-dump.mjs';
import { ensurePromtool } from './ensure-promtool.mjs';
import { lint } from './lib/lint.mjs';
import { run } from './lib/run.mjs';
import { runTests } from './lib/run-tests.mjs';
import { nodePath, tools } from './lib/workspace.mjs';

const total = { passed: 0, failed: 0, skipped: 0 };

function count(name, problem) {
  total[problem ? 'failed' : 'passed'] += 1;
  console.log(problem ? `not ok - ${name}\n${problem.trimEnd()}` : `ok - ${name}`);
}

/** Runs one step; `check` answers what is wrong, or nothing. */
async function step(name, check) {
  try {
    count(name, await check());
  } catch (error) {
    count(name, error.message);
  }
}

async function exec(tool, ...args) {
  const { code, output } = await run(nodePath(), [tool, ...args], { env: { NO_COLOR: '1' } });
  return code === 0 ? undefined : output || `exit ${code}`;
}

async function lintSteps() {
  const { problems, boundaries } = await lint();
  count('module boundaries', boundaries.join('\n'));
  count('lint', problems.join('\n'));
}

async function main() {
  await step('installed packages', ensureInstalled);
  if (total.failed > 0) return;
  await step('formatting', () => exec(tools.prettier, '--check', '.'));
  await step('build', () => exec(tools.tsc, '-b', 'tsconfig.build.json'));
  await step('types of specs', () => exec(tools.tsc, '-p', 'tsconfig.spec.json'));
  await lintSteps();
  let nats = {};
  await step('NATS server', async () => {
    nats = await ensureNats();
  });
  await step('pg_dump', ensurePgDump);
  let promtool = {};
  await step('promtool', async () => {
    promtool = await ensurePromtool();
  });
  const tests = await runTests(process.argv.slice(2), { ...nats, ...promtool });
  for (const key of Object.keys(total)) total[key] += tests[key];
}

await main();
process.exitCode = total.failed > 0 ? 1 : 0;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
