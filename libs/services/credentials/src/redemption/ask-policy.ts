import type { Bus } from '@countersign/bus';
import { callService, REAUTHORIZE, type reauthorizeReply } from '@countersign/contracts';
import { CodedError, hasCode } from '@countersign/kernel';
import { isUntrustedRecord } from '@countersign/service-host';
import type { z } from 'zod';

export type Authorization = z.infer<typeof reauthorizeReply>;

/** Does the policy set of this moment still permit what was approved? Asked of the policy service each time. */
export class AskPolicy {
  readonly #bus: Pick<Bus, 'request'>;

  constructor(bus: Pick<Bus, 'request'>) {
    this.#bus = bus;
  }

  /**
   * `approval_not_proven` where policy can't prove the approval either; `policy_unreachable` for whatever
   * else keeps it from an answer: without one nothing is redeemed.
   */
  async ask(requestId: string): Promise<Authorization> {
    try {
      return await callService(this.#bus, REAUTHORIZE, { requestId });
    } catch (cause) {
      throw isUntrustedRecord(cause) || hasCode(cause, 'not_found') ? notProven(cause) : unreachable(cause);
    }
  }
}

const notProven = (cause: unknown): CodedError =>
  new CodedError('approval_not_proven', "The approval is not proven: policy can't derive it.", { cause });

const unreachable = (cause: unknown): CodedError =>
  new CodedError('policy_unreachable', "Policy can't be asked right now; nothing was redeemed, try again.", {
    cause,
  });
