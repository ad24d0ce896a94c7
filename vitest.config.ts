import { defineConfig } from 'vitest/config';

// Tests run from source: the libs' package.json exports name it under this condition.
const conditions = ['@countersign/source', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@countersign/source'] } },
  oxc: { decorator: { legacy: true } },
  test: {
    environment: 'node',
    include: ['apps/**/*.spec.ts', 'libs/**/*.spec.ts', 'test/**/*.spec.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    passWithNoTests: true,
    pool: 'forks',
    maxWorkers: 2,
    // Worker threads and children that a test starts inherit this, so they run from source too.
    execArgv: ['--conditions=@countersign/source'],
    testTimeout: 15_000,
    hookTimeout: 30_000,
    allowOnly: false,
  },
});
