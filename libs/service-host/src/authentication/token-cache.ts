import { createHash } from 'node:crypto';
import type { VerifiedIdentity } from './verified-identity.ts';

interface Entry {
  readonly identity: VerifiedIdentity;
  readonly untilMs: number;
}

const MAX_AGE_MS = 60_000;

/** Verified tokens by their hash, so that a busy caller costs one signature a minute. Holds no token. */
export class TokenCache {
  readonly #entries = new Map<string, Entry>();
  readonly #capacity: number;

  constructor(capacity = 10_000) {
    this.#capacity = capacity;
  }

  get(token: string, nowMs: number): VerifiedIdentity | undefined {
    const key = hash(token);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (nowMs < entry.untilMs) return entry.identity;
    this.#entries.delete(key);
    return undefined;
  }

  put(token: string, identity: VerifiedIdentity, nowMs: number): void {
    this.#entries.set(hash(token), { identity, untilMs: Math.min(identity.expiresAtMs, nowMs + MAX_AGE_MS) });
    if (this.#entries.size <= this.#capacity) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

const hash = (token: string): string => createHash('sha256').update(token).digest('base64url');
