import { run } from './run.mjs';
import { nodePath, root, tools } from './workspace.mjs';

const env = { NX_DAEMON: 'false', NO_COLOR: '1' };
const noGraph = 'No cached ProjectGraph';
const boundaryRule = '@nx(enforce-module-boundaries)';

/**
 * Lints paths (everything without). The rule of module boundaries reads the project graph that Nx cached, and
 * only warns where there is none: so the graph is made first, and its absence is a failure.
 * @returns {Promise<{code: number, problems: string[], boundaries: string[]}>} the lines that tell of crossed
 * boundaries, and all others; code is 0 only when both are empty
 */
export async function lint(paths = [], { cwd = root } = {}) {
  const graph = await run(nodePath(), [tools.nx, 'show', 'projects'], { env, cwd });
  if (graph.code !== 0) return { code: graph.code, problems: [], boundaries: lines(graph.output) };
  const { code, output } = await run(nodePath(), [tools.oxlint, '--format=unix', ...paths], { env, cwd });
  return sort(code, lines(output));
}

const lines = (output) => output.split('\n').filter((line) => line.trim() && !/^\d+ problems?$/.test(line));

function sort(code, all) {
  const isBoundary = (line) => line.includes(noGraph) || line.includes(boundaryRule);
  const boundaries = all.filter(isBoundary);
  const problems = all.filter((line) => !isBoundary(line));
  const silent = code !== 0 && all.length === 0 ? [`oxlint ended with ${code} and said nothing`] : [];
  return {
    code: code || (boundaries.length > 0 ? 1 : 0),
    problems: code === 0 ? [] : [...problems, ...silent],
    boundaries,
  };
}
