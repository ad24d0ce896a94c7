import type { PrivilegedAction } from '@countersign/domain-action';
import type { Evaluation } from '@countersign/domain-review';
import type { PolicySet } from './policy-set.ts';

/**
 * The decision point's heart. Pure and total: it never throws for a request, and every error while
 * evaluating (an erroring `forbid` too) is a denial that names it.
 */
export interface PolicyEngine {
  /** Parses and checks a set once; refused sets throw `PolicySetError` with every diagnostic found. */
  load(set: PolicySet): LoadedPolicies;
}

export interface LoadedPolicies {
  readonly set: PolicySet;
  /** Never reasons to refuse: a permit without obligation that rests on a claim, for one. */
  readonly warnings: readonly Diagnostic[];
  evaluate(action: PrivilegedAction): Evaluation;
}

/** A remark on a file of the set; `line` is 1-based. */
export interface Diagnostic {
  readonly file: string;
  readonly line?: number;
  readonly code: string;
  readonly message: string;
}
