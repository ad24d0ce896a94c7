import type { RequestVerdict, RequesterOutlet, SubmittedRequest } from '@countersign/bus';
import { acceptedNatsSubject, rejectedNatsSubject, requesterNatsToken } from '@countersign/contracts';
import { CodedError, codeOf, hasCode } from '@countersign/kernel';
import {
  isProblemCode,
  problemStatus,
  type Authenticator,
  type Caller,
  type Logger,
} from '@countersign/service-host';
import type { SubmitRequest } from '../submit-request.ts';
import { parseCloudEvent, type RequestCloudEvent } from './cloud-event.ts';

interface Dependencies {
  readonly authenticator: Authenticator;
  readonly submitRequest: SubmitRequest;
  readonly outlet: RequesterOutlet;
  readonly log: Logger;
}

/**
 * One request from the queue. `accepted` is announced only after the append; a refusal is announced as
 * `rejected` with its code, and is final unless it names a time; what can't be told yet (store, issuer, policy
 * set unavailable) and what the system can't hold now stays in the queue.
 */
export class TakeRequest {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  async take(request: SubmittedRequest): Promise<RequestVerdict> {
    let event: RequestCloudEvent | undefined;
    try {
      event = parseCloudEvent(request.data);
      const caller = await this.#authenticate(request);
      const { body, idempotencyKey } = event;
      const submitted = await this.#with.submitRequest.submit({ caller, body, idempotencyKey });
      this.#with.outlet.announce(acceptedNatsSubject(request.requesterToken), { id: event.id, ...submitted });
      return 'ack';
    } catch (error) {
      return this.#settle(request, event, error);
    }
  }

  async #authenticate({ bearerToken, requesterToken }: SubmittedRequest): Promise<Caller> {
    if (bearerToken === undefined) {
      throw new CodedError('unauthenticated', 'Give one bearer token in the Authorization header.', {
        field: 'Authorization',
      });
    }
    const caller = await this.#with.authenticator.authenticate(bearerToken, 'nats');
    if (requesterNatsToken(caller.principal.ref) === requesterToken) return caller;
    throw new CodedError('forbidden', 'The token names another requester than the subject does.', {
      field: 'subject',
    });
  }

  #settle(request: SubmittedRequest, event: RequestCloudEvent | undefined, error: unknown): RequestVerdict {
    if (!(error instanceof CodedError) || !isRefusal(error)) {
      // An overload is counted in a metric: a line for each would be a flood in the log.
      const level = hasCode(error, 'overloaded') ? 'debug' : 'warn';
      this.#with.log[level]('request.retry', { delivery: request.delivery, error });
      return 'retry';
    }
    this.#with.outlet.announce(rejectedNatsSubject(request.requesterToken), {
      ...(event === undefined ? {} : { id: event.id }),
      code: codeOf(error) ?? null,
      detail: error.message,
      ...(error.field === undefined ? {} : { field: error.field }),
      ...(error.retryAfterS === undefined ? {} : { retryAfterS: error.retryAfterS }),
    });
    return 'ack';
  }
}

/** Final, as the API's 4xx are; whatever else went wrong may pass. */
const isRefusal = (error: unknown): boolean => {
  const code = codeOf(error);
  return code !== undefined && isProblemCode(code) && problemStatus(code) < 500;
};
