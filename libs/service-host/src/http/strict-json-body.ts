import { MAX_BODY_BYTES, parseStrictJson } from '@countersign/domain-action';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { routeName, type ApiOperation } from './api-route.ts';
import { routeOf } from './route-of.ts';

/** JSON is the only body understood, and only in the form that can be canonicalised without loss. */
export const useStrictJsonBody = (fastify: FastifyInstance, operations: readonly ApiOperation[]): void => {
  const limits = new Map(operations.map((operation) => [routeName(operation), operation.bodyLimit]));
  const limitOf = (request: FastifyRequest): number => limits.get(routeOf(request) ?? '') ?? MAX_BODY_BYTES;
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    'application/json',
    {
      parseAs: 'buffer',
      bodyLimit: Math.max(MAX_BODY_BYTES, ...[...limits.values()].map((limit) => limit ?? 0)),
    },
    async (request: FastifyRequest, body: Buffer) =>
      body.byteLength === 0 ? undefined : parseStrictJson(body, limitOf(request)),
  );
};
