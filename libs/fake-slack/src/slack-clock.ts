/** As much of a clock as it needs. */
export interface SlackClock {
  /** Epoch milliseconds. */
  nowMs(): number;
}
