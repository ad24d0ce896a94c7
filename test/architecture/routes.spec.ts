import { globSync } from 'node:fs';
import { serviceAt } from '@countersign/contracts';
import { describe, expect, it } from 'vitest';
import { readText, root } from './workspace.ts';

const served = globSync('libs/services/*/src/**/*.controller.ts', { cwd: root })
  .toSorted()
  .flatMap((path) =>
    [...readText(path).matchAll(/^\s+path: '(\/[^']+)',$/gm)].map(([, route = '']) => ({
      service: path.split('/')[2],
      route,
    })),
  );

describe('the table of routes', () => {
  it('sends what a service serves to that service', () => {
    expect(served.length).toBeGreaterThan(15);
    expect(served.filter(({ service, route }) => serviceAt(route) !== service)).toEqual([]);
  });
});
