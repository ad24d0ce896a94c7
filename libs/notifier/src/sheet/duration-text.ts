import { toEpochMs } from '@countersign/kernel';
import type { ReviewSheet } from './review-sheet.ts';

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/**
 * `15 min`, `1 h 30 min`, `2 d`: its largest unit and the next one. What is less than that is dropped, so that it
 * never promises more time than there is.
 */
export const durationText = (ms: number): string => {
  const first = UNITS.findIndex(([, unitMs]) => ms >= unitMs);
  if (first === -1) return '0 s';
  let left = ms;
  return UNITS.slice(first, first + 2)
    .flatMap(([unit, unitMs]) => {
      const count = Math.floor(left / unitMs);
      left -= count * unitMs;
      return count === 0 ? [] : [`${count} ${unit}`];
    })
    .join(' ');
};

/** `4 min left`, said at a moment; undefined where nothing waits, or no time is left. */
export const timeLeft = ({ deadline }: Pick<ReviewSheet, 'deadline'>, nowMs: number): string | undefined => {
  const leftMs = deadline === undefined ? 0 : toEpochMs(deadline.at) - nowMs;
  return leftMs > 0 ? `${durationText(leftMs)} left` : undefined;
};
