import { lint } from './lib/lint.mjs';

const { code, boundaries, problems } = await lint(process.argv.slice(2));
for (const line of [...boundaries, ...problems]) console.log(line);
process.exitCode = code;
