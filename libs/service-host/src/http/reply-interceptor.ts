import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { CodedError } from '@countersign/kernel';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { operationOf } from './api-route.ts';
import { Reply } from './reply.ts';

/** Sends a `Reply` with its own status and headers. A status that the route doesn't declare is a bug. */
export class ReplyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next
      .handle()
      .pipe(map((value: unknown) => (value instanceof Reply ? send(context, value) : value)));
  }
}

const send = (context: ExecutionContext, { status, headers, body }: Reply): unknown => {
  const operation = operationOf(context.getHandler());
  if (operation?.responses[status] === undefined) {
    throw new CodedError('api_route_misused', `${operation?.path ?? 'A route'} does not declare ${status}.`);
  }
  void context
    .switchToHttp()
    .getResponse<FastifyReply>()
    .status(status)
    .headers({ ...headers });
  return body;
};
