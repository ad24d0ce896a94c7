import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { CodedError, type Json } from '@countersign/kernel';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Caller } from '../authentication/caller.ts';
import { operationOf, type ApiOperation } from './api-route.ts';
import { parseBySchema } from './parse-by-schema.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller?: Caller;
    endingSignal?: () => AbortSignal;
  }
}

const requestOf = (context: ExecutionContext): FastifyRequest =>
  context.switchToHttp().getRequest<FastifyRequest>();

const misused = (what: string): CodedError =>
  new CodedError('api_route_misused', `${what} is used on a route that does not declare it.`);

type Part = 'body' | 'query' | 'params' | 'headers';

const parsePart = (part: Part, context: ExecutionContext): unknown => {
  const schema: z.ZodType | undefined = operationOf(context.getHandler())?.[
    part satisfies keyof ApiOperation
  ];
  if (schema === undefined) throw misused(part);
  return parseBySchema(schema, requestOf(context)[part] ?? {});
};

/** The body, parsed by the route's `body` schema. */
export const ApiBody = createParamDecorator((_: unknown, context) => parsePart('body', context));
/** The query, parsed by the route's `query` schema; a repeated member is refused by any scalar schema. */
export const ApiQuery = createParamDecorator((_: unknown, context) => parsePart('query', context));
/** The path's parameters, parsed by the route's `params` schema. */
export const ApiParams = createParamDecorator((_: unknown, context) => parsePart('params', context));
/** The headers that the route's `headers` schema names, which must be a `z.object` (others stand beside them). */
export const ApiHeaders = createParamDecorator((_: unknown, context) => parsePart('headers', context));

/** The body as strictly parsed JSON, for a parser of the domain's own. */
export const JsonBody = createParamDecorator(
  (_: unknown, context): Json => (requestOf(context).body ?? null) as Json,
);

/** The bytes of the body as they came; only on a route that declares `rawBody`. */
export const RawBody = createParamDecorator((_: unknown, context): Buffer => {
  const { body } = requestOf(context);
  if (operationOf(context.getHandler())?.rawBody === undefined) throw misused('@RawBody()');
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
});

/** All headers, by lower-case names; of one that came several times what Node keeps, joined by a comma. */
export const RawHeaders = createParamDecorator(
  (_: unknown, context): Readonly<Record<string, string | undefined>> =>
    Object.fromEntries(
      Object.entries(requestOf(context).headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(', ') : value,
      ]),
    ),
);

/** Who calls; on a `public` route a bug. */
export const CurrentCaller = createParamDecorator((_: unknown, context): Caller => {
  const { caller } = requestOf(context);
  if (caller === undefined) throw misused('@CurrentCaller()');
  return caller;
});

/** Aborts when the client has gone or the process drains: for long polls. */
export const RequestEnding = createParamDecorator((_: unknown, context): AbortSignal => {
  const { endingSignal } = requestOf(context);
  if (endingSignal === undefined) throw misused('@RequestEnding()');
  return endingSignal();
});
