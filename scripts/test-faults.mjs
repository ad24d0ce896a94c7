import { parseArgs } from 'node:util';
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';
import { ensureNats } from './ensure-nats.mjs';
import { run } from './lib/run.mjs';
import { nodePath, tools } from './lib/workspace.mjs';

const HELP = `npm run test:faults -- [options] [part of a file's path …]

  --seed <n>      the same faults again; each run says its seed
  --kills <n>     how many processes are killed at random under load (1000)
  --only <title>  the tests whose titles hold this
  --short         what npm test runs, and no more
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    kills: { type: 'string' },
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const literally = (title) => title.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

async function testFaults() {
  for (const name of ['seed', 'kills']) {
    if (values[name] !== undefined && !/^\d+$/.test(values[name])) throw new Error(`--${name} is a number.`);
  }
  await ensureInstalled();
  const nats = await ensureNats();
  await ensureBuilt();
  const env = {
    ...nats,
    COUNTERSIGN_FAULTS: values.short ? 'short' : 'long',
    COUNTERSIGN_FAULTS_SEED: values.seed ?? '',
    COUNTERSIGN_FAULTS_KILLS: values.kills ?? '',
  };
  const only = values.only === undefined ? [] : ['--testNamePattern', literally(values.only)];
  const files = positionals.length > 0 ? positionals : ['test/faults'];
  // One file at a time: a run that has the machine to itself is the one that its seed repeats best.
  const args = [tools.vitest, 'run', '--no-file-parallelism', ...only, ...files];
  const { code } = await run(nodePath(), args, { inherit: true, env });
  return code;
}

if (values.help) process.stdout.write(HELP);
else {
  try {
    process.exitCode = await testFaults();
  } catch (error) {
    console.error(`The fault suite can't run: ${error.message}`);
    process.exitCode = 1;
  }
}
