import type { FailpointName } from '@countersign/testing';

/** What a test may do to a running process, one thing at a time; it answers `DONE` when it is so. */
export type Order =
  /** As `armFailpoints` reads it. */
  | { readonly order: 'arm'; readonly failpoints: string }
  /**
   * Die there, the first time that somebody comes past; `place` as `placeOf` says it, any unless told. Replaces
   * what was armed.
   */
  | { readonly order: 'die-at'; readonly name: FailpointName; readonly place?: string }
  | { readonly order: 'disarm' }
  /** Write anew which failpoints are passed from now on (`TEST_PASSED_FILE`). */
  | { readonly order: 'forget-passed' }
  /** Refuse every append from now on, or no longer. */
  | { readonly order: 'refuse-appends'; readonly refuse: boolean }
  /** Step the machine's clock, forward or back. */
  | { readonly order: 'step-clock'; readonly ms: number };

export const DONE = 'done';

/** From the environment of a test root. */
export interface BadLuck {
  /** What becomes of every doorbell. */
  readonly TEST_DOORBELLS?: 'dropped' | 'doubled' | 'delayed';
  /** How far the machine's clock is off at the start, in milliseconds. */
  readonly TEST_CLOCK_OFF_MS?: string;
  /** File that says so anew at each start, where it is there. */
  readonly TEST_CLOCK_FILE?: string;
  /** A file to which each failpoint is written when it is first passed: `before-append review ReviewOpened`. */
  readonly TEST_PASSED_FILE?: string;
  /** `before-append system-mode StoreInitialized`: die there, unless an earlier life has passed it by that file. */
  readonly TEST_DIE_ONCE_AT?: string;
  /** Which service to run, of the root that runs one. */
  readonly TEST_SERVICE?: string;
}
