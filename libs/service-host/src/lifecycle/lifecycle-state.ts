/**
 * - `starting`: participants start in order; unready.
 * - `running`: serves.
 * - `draining`: unready, while those who send it work find out; then nothing new is accepted, what is in flight
 *   ends, participants stop in reverse order.
 * - `stopped`: everything ended within the deadline; exit 0.
 * - `failed`: a start failed, a participant failed for good, or the deadline passed; exit 1.
 */
export const LIFECYCLE_STATES = ['starting', 'running', 'draining', 'stopped', 'failed'] as const;
export type LifecycleState = (typeof LIFECYCLE_STATES)[number];

const NEXT: Record<LifecycleState, readonly LifecycleState[]> = {
  starting: ['running', 'draining', 'failed'],
  running: ['draining', 'failed'],
  draining: ['stopped', 'failed'],
  stopped: [],
  failed: [],
};

export const mayFollow = (from: LifecycleState, to: LifecycleState): boolean => NEXT[from].includes(to);
