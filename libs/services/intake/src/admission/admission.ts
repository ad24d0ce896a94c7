import type { Metrics, RequesterCaps } from '@countersign/service-host';
import type { OpenRequests } from './open-requests.ts';
import { AdmissionRefused, overloaded, tooFast, tooManyBytes, tooManyOpen } from './refusals.ts';
import { mayTakeAnother } from './shares.ts';
import { SubmissionGate } from './submission-gate.ts';
import { TokenBuckets } from './token-buckets.ts';

/** Seconds' worth of its rate that a requester may send at once. */
const BURST_S = 10;

export interface Candidate {
  readonly requestId: string;
  /** In Cedar's notation. */
  readonly requester: string;
  readonly bytes: number;
}

export interface AdmissionOptions {
  readonly open: OpenRequests;
  readonly caps: RequesterCaps;
  /** Requests of everybody that may wait for their evaluation. */
  readonly maxUnevaluated: number;
  readonly metrics: Pick<Metrics, 'admissions' | 'unevaluatedRequests' | 'waitingSubmissions'>;
  readonly gate?: SubmissionGate;
  readonly nowMs?: () => number;
}

/** Who may have a request taken down now: at the rate the system holds, and none more than its share. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #gate: SubmissionGate;
  readonly #rates: TokenBuckets;

  constructor(options: AdmissionOptions) {
    const { caps, open, metrics, gate = new SubmissionGate(), nowMs = () => performance.now() } = options;
    this.#options = options;
    this.#gate = gate;
    this.#rates = new TokenBuckets({ perSecond: caps.perSecond, burst: caps.perSecond * BURST_S, nowMs });
    metrics.unevaluatedRequests(() => open.unevaluated());
    metrics.waitingSubmissions(() => gate.waiting);
  }

  /** Works on a submission when it is its requester's turn. `overloaded`: too many wait, and nothing was done. */
  async inTurn<T>(requester: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#gate.inTurn(requester, work);
    } catch (error) {
      if (error instanceof AdmissionRefused) {
        this.#options.metrics.admissions.add(1, { result: error.code });
      }
      throw error;
    }
  }

  /**
   * Appends a request that doesn't stand yet, or refuses it: `too_many_requests`, `too_many_open_requests`,
   * `too_many_open_bytes`, `overloaded`. From here on it counts as open; where the append fails it doesn't.
   */
  async admit<T>(candidate: Candidate, append: () => Promise<T>): Promise<T> {
    this.#refuse(candidate);
    const forget = this.#options.open.expect(candidate.requestId, candidate);
    try {
      const appended = await append();
      this.#options.metrics.admissions.add(1, { result: 'admitted' });
      return appended;
    } catch (error) {
      forget();
      throw error;
    }
  }

  #refuse({ requester, bytes }: Candidate): void {
    const { open, caps, maxUnevaluated } = this.#options;
    const waitMs = this.#rates.take(requester);
    if (waitMs > 0) throw tooFast(caps.perSecond, waitMs);
    const held = open.heldBy(requester);
    if (held.requests >= caps.openRequests) throw tooManyOpen(caps.openRequests, held.pending);
    if (held.bytes + bytes > caps.openBytes) throw tooManyBytes(caps.openBytes);
    const its = held.requests - held.pending;
    if (!mayTakeAnother(its, open.unevaluated(), maxUnevaluated)) throw overloaded();
  }
}
