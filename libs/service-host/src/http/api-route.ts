import { applyDecorators, HttpCode, RequestMapping, RequestMethod, SetMetadata } from '@nestjs/common';
import { CodedError } from '@countersign/kernel';
import type { z } from 'zod';
import type { ProblemCode } from './problem-status.ts';

export interface ApiResponse {
  readonly description: string;
  /** Absent: no body is described (`/metrics`, `/openapi.json`). */
  readonly schema?: z.ZodType;
}

export type RawBodyType = 'application/json' | 'application/x-www-form-urlencoded';

/**
 * One operation of the API, told once: it makes the Nest route, what `@ApiBody`, `@ApiQuery` and
 * `@ApiParams` parse by, and the operation in `/openapi.json`.
 */
export interface ApiOperation {
  readonly method: 'GET' | 'POST';
  /** `/v1/requests/:id` */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Answers without a token. */
  readonly public?: boolean;
  readonly body?: z.ZodType;
  /** Bytes of a body that may be larger than a request's 64 KiB. */
  readonly bodyLimit?: number;
  /**
   * What the body may be written in, for a route that takes its bytes as they came (`@RawBody()`) because
   * somebody signed them. Other routes take JSON, parsed strictly.
   */
  readonly rawBody?: readonly RawBodyType[];
  readonly query?: z.ZodObject;
  readonly params?: z.ZodObject;
  /** Names in lower case. */
  readonly headers?: z.ZodObject;
  /** A plain value is answered with the lowest; the others, and headers, by `reply(status, …)`. */
  readonly responses: Readonly<Record<number, ApiResponse>>;
  /** Codes of this route beyond those that every route may answer. */
  readonly errors?: readonly ProblemCode[];
}

export const API_OPERATION = Symbol('countersign:api-operation');

const METHODS = { GET: RequestMethod.GET, POST: RequestMethod.POST } as const;

export const defaultStatus = (operation: ApiOperation): number => {
  const [status] = Object.keys(operation.responses);
  if (status === undefined) {
    throw new CodedError('api_route_misused', `${operation.path} declares no response.`);
  }
  return Number(status);
};

/** On a controller's method; the controller itself is `@Controller()` without a prefix. */
export const ApiRoute = (operation: ApiOperation): MethodDecorator =>
  applyDecorators(
    RequestMapping({ method: METHODS[operation.method], path: operation.path }),
    HttpCode(defaultStatus(operation)),
    SetMetadata(API_OPERATION, operation),
  );

/** The operation a handler was declared with; undefined for a handler that isn't an `@ApiRoute`. */
export const operationOf = (handler: object): ApiOperation | undefined =>
  Reflect.getMetadata(API_OPERATION, handler) as ApiOperation | undefined;

/** `POST /v1/grants/:id/outcome`: names the route in spans, metrics and the status table. */
export const routeName = ({ method, path }: ApiOperation): string => `${method} ${path}`;
