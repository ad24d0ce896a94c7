import { Controller, Inject } from '@nestjs/common';
import { queryInteger, requestBody, requestView, type RequestView } from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import {
  ApiHeaders,
  ApiParams,
  ApiQuery,
  ApiRoute,
  CurrentCaller,
  JsonBody,
  reply,
  RequestEnding,
  type Caller,
  type Reply,
} from '@countersign/service-host';
import { z } from 'zod';
import { CancelRequest } from './cancel-request.ts';
import { GetRequest } from './get-request.ts';
import { SubmitRequest } from './submit-request.ts';

const waitSeconds = queryInteger(0, 60).optional();

const submitQuery = z.strictObject({
  wait: waitSeconds.describe('seconds to wait for the request to settle'),
});
const submitHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('a repeat with the same key is the same request, whatever happened in between'),
});
const getQuery = z.strictObject({
  wait: waitSeconds,
  after: queryInteger(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('return on any change after this version'),
});
const requestParams = z.object({ id: z.uuid() });

const TAGS = ['requests'];
const seen = { description: 'The request as it stands', schema: requestView };

@Controller()
export class RequestsController {
  readonly #submit: SubmitRequest;
  readonly #get: GetRequest;
  readonly #cancel: CancelRequest;

  constructor(
    @Inject(SubmitRequest) submit: SubmitRequest,
    @Inject(GetRequest) get: GetRequest,
    @Inject(CancelRequest) cancel: CancelRequest,
  ) {
    this.#submit = submit;
    this.#get = get;
    this.#cancel = cancel;
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/requests',
    summary: 'Ask for a privileged action',
    description: 'Durable once answered. The subject comes from the token alone.',
    tags: TAGS,
    body: requestBody,
    query: submitQuery,
    headers: submitHeaders,
    responses: { 202: { description: 'Accepted; not settled yet', schema: requestView }, 200: seen },
    errors: [
      'not_a_requester',
      'initiator_required',
      'property_conflict',
      'idempotency_conflict',
      'record_not_trusted',
      'too_large',
      'too_many_requests',
      'too_many_open_requests',
      'too_many_open_bytes',
      'overloaded',
    ],
  })
  async submit(
    @CurrentCaller() caller: Caller,
    @JsonBody() body: Json,
    @ApiQuery() query: z.output<typeof submitQuery>,
    @ApiHeaders() headers: z.output<typeof submitHeaders>,
    @RequestEnding() ending: AbortSignal,
  ): Promise<Reply<RequestView>> {
    const idempotencyKey = headers['idempotency-key'];
    const { requestId } = await this.#submit.submit({ caller, body, idempotencyKey });
    const view = await this.#get.wait(caller, requestId, { waitMs: (query.wait ?? 0) * 1_000, ending });
    const settled = view.status !== 'received' && view.status !== 'pending';
    return reply(settled ? 200 : 202, view, { location: `/v1/requests/${requestId}` });
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/requests/:id',
    summary: 'One request, folded from its events; with `wait`, once it has settled or changed',
    tags: TAGS,
    params: requestParams,
    query: getQuery,
    responses: { 200: seen },
    errors: ['not_found', 'record_not_trusted'],
  })
  get(
    @CurrentCaller() caller: Caller,
    @ApiParams() { id }: z.output<typeof requestParams>,
    @ApiQuery() { wait, after }: z.output<typeof getQuery>,
    @RequestEnding() ending: AbortSignal,
  ): Promise<RequestView> {
    return this.#get.wait(caller, id, { waitMs: (wait ?? 0) * 1_000, ending, afterVersion: after });
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/requests/:id/cancellation',
    summary: 'Withdraw a request; after the approval this revokes its grant',
    tags: TAGS,
    params: requestParams,
    responses: { 200: seen },
    errors: [
      'not_found',
      'forbidden',
      'not_cancellable',
      'record_not_trusted',
      'approval_not_proven',
      'bus_unavailable',
      'deadline_exceeded',
    ],
  })
  cancel(
    @CurrentCaller() caller: Caller,
    @ApiParams() { id }: z.output<typeof requestParams>,
  ): Promise<RequestView> {
    return this.#cancel.cancel(caller, id);
  }
}
