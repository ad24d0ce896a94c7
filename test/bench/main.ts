import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bench } from './bench.ts';
import { HELP, readOptions } from './options.ts';
import { renderReport } from './report.ts';

// Run by `npm run bench`, on plain Node and what was built. Figures go to stdout, progress to stderr.

const options = readOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
const clean = (): void => rmSync(folder, { recursive: true, force: true });
const startedMs = performance.now();
const tell = (what: string): void => {
  process.stderr.write(`${((performance.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s  ${what}\n`);
};
// Children notice that their channel to this process closes, and end by themselves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clean();
    process.exit(130);
  });
}

try {
  const report = { ...(await bench(options, folder, tell)), tookS: (performance.now() - startedMs) / 1_000 };
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${renderReport(report)}\n`);
} finally {
  clean();
}
