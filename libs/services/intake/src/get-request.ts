import { renderRequest, type RequestView } from '@countersign/contracts';
import { indexDirectory } from '@countersign/domain-directory';
import { isSettled, mayRead, statusOf, type Thread } from '@countersign/domain-thread';
import { notFound, readThread, type Caller, type ServiceContext } from '@countersign/service-host';
import type { ThreadRings } from './thread-rings.ts';
import type { WaitSeats } from './wait-seats.ts';

export interface Wait {
  readonly waitMs: number;
  /** The caller has gone, or the process drains: answer with what stands. */
  readonly ending: AbortSignal;
  /** Return on any change after this version, too. */
  readonly afterVersion?: number | undefined;
}

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'telemetry' | 'log' | 'policySets'>;

/** Reads a request for somebody, now or once it has settled or changed. */
export class GetRequest {
  readonly #context: Dependencies;
  readonly #rings: ThreadRings;
  readonly #seats: WaitSeats;

  constructor(context: Dependencies, rings: ThreadRings, seats: WaitSeats) {
    this.#context = context;
    this.#rings = rings;
    this.#seats = seats;
  }

  /** Who may not read gets the `not_found` of a request that doesn't exist. */
  async thread(caller: Caller, requestId: string): Promise<Thread> {
    const thread = await readThread(this.#context, requestId);
    const active = await this.#context.policySets.read();
    if (thread === undefined || active === undefined) throw notFound();
    if (!mayRead(caller.principal, indexDirectory(active.set.directory), thread)) throw notFound();
    return thread;
  }

  /** Who leaves too many calls waiting is answered with what stands. */
  async wait(caller: Caller, requestId: string, wait: Wait): Promise<RequestView> {
    const leave = wait.waitMs > 0 ? this.#seats.take(caller.principal.ref) : undefined;
    try {
      return await this.#answer(caller, requestId, leave === undefined ? { ...wait, waitMs: 0 } : wait);
    } finally {
      leave?.();
    }
  }

  async #answer(
    caller: Caller,
    requestId: string,
    { waitMs, ending, afterVersion }: Wait,
  ): Promise<RequestView> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const ring = this.#rings.listen(requestId);
      try {
        const thread = await this.thread(caller, requestId);
        const leftMs = untilMs - performance.now();
        if (isAnswer(thread, afterVersion) || leftMs <= 0 || ending.aborted) return renderRequest(thread);
        await ring.wait(leftMs, ending);
      } finally {
        ring.cease();
      }
    }
  }
}

const isAnswer = (thread: Thread, afterVersion: number | undefined): boolean =>
  afterVersion === undefined ? isSettled(statusOf(thread)) : thread.version > afterVersion;
