import { MAX_BODY_BYTES, parseStrictJson } from '@countersign/domain-action';
import { CodedError } from '@countersign/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { routeName, type ApiOperation, type RawBodyType } from './api-route.ts';
import { routeOf } from './route-of.ts';

const CHARSET = /;\s*charset\s*=\s*"?([^\s";]*)/gi;

/** What is bound is what was sent: bytes in another encoding or compression aren't guessed at. */
const requirePlainUtf8 = ({ headers }: FastifyRequest): void => {
  const charsets = [...(headers['content-type'] ?? '').matchAll(CHARSET)].map(([, charset = '']) => charset);
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity' && charsets.every((charset) => /^utf-?8$/i.test(charset))) return;
  throw new CodedError('unsupported_media_type', 'Send application/json in UTF-8, without Content-Encoding.');
};

const RAW_TYPES = ['application/json', 'application/x-www-form-urlencoded'] as const;

const unsupported = (types: readonly string[]): CodedError =>
  new CodedError('unsupported_media_type', `Send ${types.join(' or ')} in UTF-8, without Content-Encoding.`);

/**
 * JSON is the only body understood, and only in the form that can be canonicalised without loss. A route that
 * takes raw bodies is given the bytes, and parses them once it knows who signed them.
 */
export const useStrictJsonBody = (fastify: FastifyInstance, operations: readonly ApiOperation[]): void => {
  const byRoute = new Map(operations.map((operation) => [routeName(operation), operation]));
  const operationAt = (request: FastifyRequest) => byRoute.get(routeOf(request) ?? '');
  const limits = operations.map(({ bodyLimit }) => bodyLimit ?? MAX_BODY_BYTES);
  const bodyLimit = Math.max(MAX_BODY_BYTES, ...limits);
  fastify.removeAllContentTypeParsers();
  for (const type of RAW_TYPES) {
    fastify.addContentTypeParser<Buffer>(
      type,
      { parseAs: 'buffer', bodyLimit },
      async (request: FastifyRequest, body: Buffer) => parseBody(request, body, type, operationAt(request)),
    );
  }
};

const parseBody = (
  request: FastifyRequest,
  body: Buffer,
  type: RawBodyType,
  { rawBody, bodyLimit = MAX_BODY_BYTES }: Pick<ApiOperation, 'rawBody' | 'bodyLimit'> = {},
): unknown => {
  const types = rawBody ?? ['application/json'];
  if (!types.includes(type)) throw unsupported(types);
  requirePlainUtf8(request);
  if (rawBody === undefined) return body.byteLength === 0 ? undefined : parseStrictJson(body, bodyLimit);
  if (body.byteLength <= bodyLimit) return body;
  throw new CodedError('too_large', `The body is larger than this route takes: ${bodyLimit} bytes.`);
};
