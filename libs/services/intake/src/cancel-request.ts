import {
  CANCEL_REVIEW,
  callService,
  renderRequest,
  REVOKE_GRANT,
  type CommandProof,
  type RequestView,
} from '@countersign/contracts';
import { indexDirectory } from '@countersign/domain-directory';
import { mayWithdraw, statusOf, type RequestStatus, type Thread } from '@countersign/domain-thread';
import { CodedError } from '@countersign/kernel';
import type { Caller, ServiceContext } from '@countersign/service-host';
import type { GetRequest } from './get-request.ts';

type Dependencies = Pick<ServiceContext, 'bus' | 'policySets'>;

const WITHDRAWN: ReadonlySet<RequestStatus> = new Set(['cancelled', 'revoked']);
const REASON = 'The request was cancelled.';

/**
 * Takes a request back, on the caller's own proof: policy cancels an open review, credentials revokes the
 * grant of an approved one, and each decides by its own stream who was first. Cancelled already is the
 * same answer again; anything else that has ended is `not_cancellable`.
 */
export class CancelRequest {
  readonly #context: Dependencies;
  readonly #requests: GetRequest;

  constructor(context: Dependencies, requests: GetRequest) {
    this.#context = context;
    this.#requests = requests;
  }

  async cancel(caller: Caller, requestId: string): Promise<RequestView> {
    const thread = await this.#requests.thread(caller, requestId);
    await this.#refuseStrangers(caller, thread);
    const status = statusOf(thread);
    if (WITHDRAWN.has(status)) return renderRequest(thread);
    if (status !== 'received' && status !== 'pending' && status !== 'approved') throw notCancellable(status);
    await this.#withdraw(status, requestId, { kind: 'identity', token: caller.token });
    return renderRequest(await this.#requests.thread(caller, requestId));
  }

  async #withdraw(status: RequestStatus, requestId: string, proof: CommandProof): Promise<void> {
    const { bus } = this.#context;
    if (status !== 'approved') {
      const { result } = await callService(bus, CANCEL_REVIEW, { payload: { requestId }, proof });
      if (result === 'cancelled') return;
    }
    const payload = { requestId, cause: 'cancelled', reason: REASON } as const;
    await callService(bus, REVOKE_GRANT, { payload, proof });
  }

  async #refuseStrangers({ principal }: Caller, thread: Thread): Promise<void> {
    const active = await this.#context.policySets.read();
    if (active !== undefined && mayWithdraw(principal, indexDirectory(active.set.directory), thread)) return;
    throw new CodedError('forbidden', 'Only the requester and its owner may cancel a request.');
  }
}

const notCancellable = (status: RequestStatus): CodedError =>
  new CodedError('not_cancellable', `The request has ended (${status}); there is nothing to take back.`);
