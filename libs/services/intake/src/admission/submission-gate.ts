import { overloaded } from './refusals.ts';
import { mayTakeAnother } from './shares.ts';
import { Turns } from './turns.ts';

export interface SubmissionGateOptions {
  /** Submissions worked on at once. */
  readonly inWork: number;
  /** Places to wait for that. */
  readonly waiting: number;
}

/** Fills groups of appends, and no more: a wait in front of the log is one in which nobody's turn counts. */
const DEFAULTS: SubmissionGateOptions = { inWork: 64, waiting: 256 };

/** Bounds the submissions in this process, and gives each requester its turn. */
export class SubmissionGate {
  readonly #options: SubmissionGateOptions;
  readonly #turns = new Turns<() => void>();
  #inWork = 0;

  constructor(options: SubmissionGateOptions = DEFAULTS) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#turns.size;
  }

  /** `overloaded`: nothing was done, since the requester's share of those who wait is taken. */
  async inTurn<T>(requester: string, work: () => Promise<T>): Promise<T> {
    if (this.#inWork < this.#options.inWork) this.#inWork += 1;
    else await this.#turn(requester);
    try {
      return await work();
    } finally {
      this.#passOn();
    }
  }

  #turn(requester: string): Promise<void> {
    const turns = this.#turns;
    if (!mayTakeAnother(turns.sizeOf(requester), turns.size, this.#options.waiting)) throw overloaded();
    return new Promise((resolve) => turns.add(requester, resolve));
  }

  /** A place in work goes to who is next, or is free. */
  #passOn(): void {
    const begin = this.#turns.next();
    if (begin === undefined) this.#inWork -= 1;
    else begin();
  }
}
