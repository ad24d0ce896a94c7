import { Controller } from '@nestjs/common';
import type { JsonObject } from '@countersign/kernel';
import { ApiRoute } from '@countersign/service-host';
import { asyncApi } from './asyncapi.ts';

@Controller()
export class AsyncApiController {
  readonly #document = asyncApi('1.0.0');

  @ApiRoute({
    method: 'GET',
    path: '/asyncapi.json',
    summary: 'AsyncAPI 3 of the requesters’ subjects on NATS',
    tags: ['requests'],
    public: true,
    responses: { 200: { description: 'The document' } },
  })
  document(): JsonObject {
    return this.#document;
  }
}
