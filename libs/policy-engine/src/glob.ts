const STAR = '*';

export const isPattern = (id: string): boolean => id.includes(STAR);

/**
 * Whether a pattern, in which `*` stands for any run of characters, matches the whole text. Linear in
 * practice: after a mismatch only the last star is widened.
 */
export const globMatches = (pattern: string, text: string): boolean => {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    if (pattern[p] === STAR) {
      star = p;
      mark = t;
      p += 1;
    } else if (p < pattern.length && pattern[p] === text[t]) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      t = mark;
    } else return false;
  }
  while (pattern[p] === STAR) p += 1;
  return p === pattern.length;
};

/**
 * Whether every text that `narrow` matches is also matched by `wide`. A star of `narrow`, read as a
 * character, can only be taken by a star of `wide`, so matching one pattern against the other decides.
 */
export const globCovers = (wide: string, narrow: string): boolean => globMatches(wide, narrow);

/** Whether some text is matched by both patterns. */
export const globsOverlap = (a: string, b: string): boolean => {
  const seen = new Set<number>();
  const pending: (readonly [number, number])[] = [[0, 0]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [i, j] = next;
    const key = i * (b.length + 1) + j;
    if (seen.has(key)) continue;
    seen.add(key);
    if (i === a.length && j === b.length) return true;
    pending.push(...overlapSteps(a, i, b, j));
  }
  return false;
};

const overlapSteps = (a: string, i: number, b: string, j: number): readonly (readonly [number, number])[] => {
  const steps: (readonly [number, number])[] = [];
  if (a[i] === STAR) steps.push([i + 1, j], ...(j < b.length ? [[i, j + 1] as const] : []));
  if (b[j] === STAR) steps.push([i, j + 1], ...(i < a.length ? [[i + 1, j] as const] : []));
  if (i < a.length && j < b.length && a[i] === b[j]) steps.push([i + 1, j + 1]);
  return steps;
};
