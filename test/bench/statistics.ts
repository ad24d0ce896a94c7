export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
}

/** Nearest-rank percentile of sorted values. */
const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;

export const summarize = (values: readonly number[]): Summary => {
  const sorted = values.toSorted((a, b) => a - b);
  return { count: sorted.length, p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
};

/** Where the middle half of the values lies, as a share of the median: how far to believe the median. */
export const spread = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return (percentile(sorted, 0.75) - percentile(sorted, 0.25)) / percentile(sorted, 0.5);
};
