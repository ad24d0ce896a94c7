import { MAX_BODY_BYTES, parseStrictJson } from '@countersign/domain-action';
import { CodedError } from '@countersign/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { routeName, type ApiOperation } from './api-route.ts';
import { routeOf } from './route-of.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/gi;

/** What is bound is what was sent: bytes in another encoding or compression aren't guessed at. */
const requirePlainUtf8 = ({ headers }: FastifyRequest): void => {
  const charsets = [...(headers['content-type'] ?? '').matchAll(CHARSET)].map(([, charset = '']) => charset);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity' && charsets.every((charset) => /^utf-?8$/i.test(charset))) return;
  throw new CodedError('unsupported_media_type', 'Send application/json in UTF-8, without Content-Encoding.');
};

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
    async (request: FastifyRequest, body: Buffer) => {
      requirePlainUtf8(request);
      return body.byteLength === 0 ? undefined : parseStrictJson(body, limitOf(request));
    },
  );
};
