import { join } from 'node:path';
import { runPolicyTests } from '@countersign/policy-engine';
import { describe, expect, it } from 'vitest';
import { CedarPolicyEngine } from './cedar-policy-engine.ts';

const ACME = join(import.meta.dirname, '../../../../deploy/samples/acme');
const report = await runPolicyTests(ACME, new CedarPolicyEngine());

describe('the sample organisation', () => {
  it('loads without a warning', () => expect(report.warnings).toEqual([]));

  it.each(report.results)('$name ($file:$line)', ({ passed, diff }) => {
    expect({ passed, diff }).toEqual({ passed: true, diff: undefined });
  });
});
