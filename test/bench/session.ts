import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says how far a run has come, on stderr. */
export type Tell = (what: string) => void;

/** Measures in a temporary folder, and says how long that took. Figures go to stdout, progress to stderr. */
export const inSession = async <Figures extends object>(
  measure: (folder: string, tell: Tell) => Promise<Figures>,
): Promise<Figures & { readonly tookS: number }> => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  const startedMs = performance.now();
  const tookS = (): number => (performance.now() - startedMs) / 1_000;
  // Children notice that their channel to this process closes, and end by themselves.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      clean();
      process.exit(130);
    });
  }
  try {
    const figures = await measure(folder, (what) =>
      process.stderr.write(`${tookS().toFixed(1).padStart(6)} s  ${what}\n`),
    );
    return { ...figures, tookS: tookS() };
  } finally {
    clean();
  }
};
