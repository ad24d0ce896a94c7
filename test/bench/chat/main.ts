import { inSession } from '../session.ts';
import { bench } from './bench.ts';
import { HELP, readOptions } from './options.ts';
import { renderReport } from './report.ts';

// Run by `npm run bench:chat`, on plain Node and what was built.

const options = readOptions(process.argv.slice(2));
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

const report = await inSession((folder, tell) => bench(options, folder, tell));
process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : `${renderReport(report)}\n`);
