import { run } from './run.mjs';
import { nodePath, root, tools } from './workspace.mjs';

const env = { NX_DAEMON: 'false', NO_COLOR: '1' };
const boundaryRule = '@nx(enforce-module-boundaries)';

/**
 * Lints paths (everything without). The rule of module boundaries reads the project graph that Nx cached, and
 * only warns where there is none: so the graph is made first, and its absence is a failure.
 * @returns {Promise<{boundaries: string[], problems: string[]}>} crossed boundaries, and everything else that is
 * wrong, a problem a string that begins with `file:line:column: `
 */
export async function lint(paths = [], { cwd = root } = {}) {
  const graph = await run(nodePath(), [tools.nx, 'show', 'projects'], { env, cwd });
  if (graph.code !== 0) return { boundaries: [graph.output], problems: [] };
  return sort(await run(nodePath(), [tools.oxlint, '--format=json', ...paths], { env, cwd }));
}

function sort({ code, output }) {
  const diagnostics = parse(output);
  if (!diagnostics) return { boundaries: [], problems: [`oxlint ended with ${code}: ${output}`] };
  const isBoundary = (found) => found.code === boundaryRule;
  const graphMissing = /No cached ProjectGraph.*/.exec(output) ?? [];
  const problems = diagnostics.filter((found) => !isBoundary(found)).map(render);
  const boundaries = [...graphMissing, ...diagnostics.filter(isBoundary).map(render)];
  if (code !== 0 && diagnostics.length === 0) problems.push(`oxlint ended with ${code}: ${output}`);
  return { boundaries, problems };
}

/** The report may follow warnings that plugins print. */
function parse(output) {
  try {
    return JSON.parse(output.slice(output.indexOf('{ "diagnostics"'))).diagnostics;
  } catch {
    return undefined;
  }
}

function render({ filename, labels, message, code }) {
  const { line, column } = labels?.[0]?.span ?? { line: 1, column: 1 };
  return `${filename}:${line}:${column}: ${message} [${code}]`;
}
