import { HttpRefusal } from './slack-refusal.ts';
import type { SlackClock } from './slack-clock.ts';

const PER_MESSAGE_MS = 1_000;

/** About one message a second for each channel, with a short burst; then 429 and `Retry-After`. */
export class RateLimits {
  readonly #clock: SlackClock;
  readonly #burst: number;
  /** When the channel has worked off what it was sent. */
  readonly #freeMs = new Map<string, number>();

  constructor(clock: SlackClock, burst: number) {
    this.#clock = clock;
    this.#burst = burst;
  }

  take(channel: string): void {
    const now = this.#clock.nowMs();
    const free = Math.max(this.#freeMs.get(channel) ?? 0, now);
    const tooFarMs = free + PER_MESSAGE_MS - now - this.#burst * PER_MESSAGE_MS;
    if (tooFarMs > 0) {
      throw new HttpRefusal(429, { 'retry-after': String(Math.ceil(tooFarMs / 1_000)) });
    }
    this.#freeMs.set(channel, free + PER_MESSAGE_MS);
  }
}
