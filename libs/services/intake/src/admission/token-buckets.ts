interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export interface TokenBucketOptions {
  readonly perSecond: number;
  /** Tokens of a full bucket: what may be taken at once after a rest. */
  readonly burst: number;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
}

/** One bucket for each holder. Holders stand in the directory, so there is an end to them. */
export class TokenBuckets {
  readonly #options: TokenBucketOptions;
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: TokenBucketOptions) {
    this.#options = options;
  }

  /** Takes a token where there is one. Otherwise takes nothing, and says in how many milliseconds there will be one. */
  take(holder: string): number {
    const { perSecond, burst, nowMs } = this.#options;
    const atMs = nowMs();
    const last = this.#buckets.get(holder) ?? { tokens: burst, atMs };
    const tokens = Math.min(burst, last.tokens + ((atMs - last.atMs) / 1_000) * perSecond);
    this.#buckets.set(holder, { tokens: tokens < 1 ? tokens : tokens - 1, atMs });
    return tokens < 1 ? ((1 - tokens) / perSecond) * 1_000 : 0;
  }
}
