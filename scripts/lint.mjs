import { lint } from './lib/lint.mjs';

const { boundaries, problems } = await lint(process.argv.slice(2));
for (const problem of [...boundaries, ...problems]) console.log(problem);
process.exitCode = boundaries.length + problems.length > 0 ? 1 : 0;
