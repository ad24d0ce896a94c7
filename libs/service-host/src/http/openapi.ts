import { STATUS_CODES } from 'node:http';
import { problem } from '@countersign/contracts';
import type { JsonObject } from '@countersign/kernel';
import { routeName, type ApiOperation } from './api-route.ts';
import { ComponentSchemas } from './component-schemas.ts';
import { problemStatus, type ProblemCode } from './problem-status.ts';

const ALWAYS: readonly ProblemCode[] = ['bad_request', 'internal_error', 'store_unavailable'];
const APPENDING: readonly ProblemCode[] = ['append_uncertain', 'store_full', 'too_much_contention'];
const AUTHENTICATED: readonly ProblemCode[] = [
  'unauthenticated',
  'token_invalid',
  'token_expired',
  'unknown_principal',
  'kind_not_allowed',
  'delegated_person',
  'unknown_initiator',
  'initiator_not_verified',
  'no_policy_set',
  'issuer_unavailable',
  'too_many_calls',
];
const WITH_PARTS: readonly ProblemCode[] = ['invalid_field', 'unknown_field'];
const WITH_BODY: readonly ProblemCode[] = [
  'malformed_json',
  'duplicate_key',
  'forbidden_key',
  'lone_surrogate',
  'nesting_too_deep',
  'non_finite_number',
  'unsafe_integer',
  'too_large',
  'unsupported_media_type',
];

/** Every code an operation may answer. */
const errorsOf = ({
  method,
  public: isPublic,
  body,
  rawBody,
  query,
  params,
  headers,
  errors = [],
}: ApiOperation): ProblemCode[] => [
  ...new Set([
    ...ALWAYS,
    ...(isPublic === true ? [] : AUTHENTICATED),
    ...([body, query, params, headers].some((part) => part !== undefined) ? WITH_PARTS : []),
    ...(body === undefined ? [] : WITH_BODY),
    ...(rawBody === undefined ? [] : (['too_large', 'unsupported_media_type'] as const)),
    ...(method === 'POST' ? APPENDING : []),
    ...errors,
  ]),
];

/** `postV1GrantsByIdOutcome` */
const operationId = ({ method, path }: ApiOperation): string =>
  [method.toLowerCase(), ...path.split('/').filter((part) => part !== '')]
    .map((part) =>
      part
        .replace(/^:/, 'by-')
        .replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? ''),
    )
    .map((part, index) => (index === 0 ? part : part.charAt(0).toUpperCase() + part.slice(1)))
    .join('');

class OpenApiBuilder {
  readonly #schemas = new ComponentSchemas();

  document(operations: readonly ApiOperation[], version: string): JsonObject {
    this.#schemas.add('Problem', problem, 'output');
    const paths: Record<string, JsonObject> = {};
    for (const operation of operations) {
      const path = operation.path.replaceAll(/:([^/]+)/g, '{$1}');
      paths[path] = { ...paths[path], [operation.method.toLowerCase()]: this.#operation(operation) };
    }
    return {
      openapi: '3.1.0',
      info: {
        title: 'Countersign',
        version,
        description: 'Action-level approval: ask, decide, run once, replay.',
      },
      security: [{ bearer: [] }],
      paths,
      components: {
        schemas: this.#schemas.all(),
        securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
    };
  }

  #operation(operation: ApiOperation): JsonObject {
    const id = operationId(operation);
    return {
      operationId: id,
      summary: operation.summary,
      ...(operation.description === undefined ? {} : { description: operation.description }),
      tags: operation.tags,
      ...(operation.public === true ? { security: [] } : {}),
      parameters: this.#parameters(operation),
      ...rawContent(operation),
      ...(operation.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: {
                'application/json': { schema: this.#schemas.add(`${id}Body`, operation.body, 'input') },
              },
            },
          }),
      responses: { ...this.#answers(id, operation), ...this.#problems(operation) },
    };
  }

  #parameters({ params, query, headers }: ApiOperation): JsonObject[] {
    const places = [
      ['path', params],
      ['query', query],
      ['header', headers],
    ] as const;
    return places.flatMap(([place, schema]) =>
      schema === undefined ? [] : this.#schemas.members(schema).map((member) => ({ in: place, ...member })),
    );
  }

  #answers(id: string, { responses }: ApiOperation): JsonObject {
    return Object.fromEntries(
      Object.entries(responses).map(([status, { description, schema }]) => {
        if (schema === undefined) return [status, { description }];
        const ref = this.#schemas.add(`${id}${status}`, schema, 'output');
        return [status, { description, content: { 'application/json': { schema: ref } } }];
      }),
    );
  }

  #problems(operation: ApiOperation): JsonObject {
    const byStatus = Map.groupBy(errorsOf(operation), (code) => problemStatus(code, routeName(operation)));
    return Object.fromEntries(
      [...byStatus]
        .filter(([status]) => operation.responses[status] === undefined)
        .map(([status, codes]) => [status, problemResponse(status, codes)]),
    );
  }
}

/** Signed bytes of somebody else's format, which is described by whoever signs them. */
const rawContent = ({ rawBody }: ApiOperation): JsonObject =>
  rawBody === undefined
    ? {}
    : { requestBody: { required: true, content: Object.fromEntries(rawBody.map((type) => [type, {}])) } };

const RETRY_AFTER = {
  'Retry-After': {
    description: 'seconds after which the same call may fare better',
    schema: { type: 'integer' },
  },
} as const;

const problemResponse = (status: number, codes: readonly ProblemCode[]): JsonObject => ({
  description: `${STATUS_CODES[status] ?? 'Error'}: ${codes.join(', ')}`,
  ...(status === 429 || status === 503 ? { headers: RETRY_AFTER } : {}),
  content: {
    'application/problem+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
      },
    },
  },
});

/** OpenAPI 3.1 of the operations, from the very schemas that parse what comes in. */
export const openApiDocument = (operations: readonly ApiOperation[], version: string): JsonObject =>
  new OpenApiBuilder().document(operations, version);
