import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { type DynamicModule, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { JsonObject } from '@countersign/kernel';
import type { Authenticator } from '../authentication/authenticator.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { answerUnreadable } from './answer-unreadable.ts';
import { AuthGuard } from './auth-guard.ts';
import { useAuthentication } from './authenticate-calls.ts';
import { tellOfAnswers, type OnHttpAnswer } from './http-answers.ts';
import { useHttpSpans } from './http-spans.ts';
import { openApiDocument } from './openapi.ts';
import { allowedMethods, operationsOf } from './operations.ts';
import { OperatorModule } from './operator-controller.ts';
import { useOrderlyEnd } from './orderly-end.ts';
import { answerUnroutable, ProblemFilter } from './problem-filter.ts';
import { ReplyInterceptor } from './reply-interceptor.ts';
import { useRequestEnding } from './request-ending.ts';
import { useResponseHeaders } from './response-headers.ts';
import { useStrictJsonBody } from './strict-json-body.ts';

export interface HttpAppOptions {
  readonly modules: readonly DynamicModule[];
  readonly authenticator: Authenticator;
  readonly lifecycle: Lifecycle;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  readonly version: string;
  /** Connections kept at once; absent: any number. */
  readonly maxConnections?: number;
  readonly onHttpAnswer?: OnHttpAnswer | undefined;
}

export interface HttpApp {
  readonly app: NestFastifyApplication;
  /** Listens, and returns the address to call: `http://127.0.0.1:7420`. */
  listen(host: string, port: number): Promise<string>;
  /** Accepts no more connections, finishes the calls in hand; then takes no more calls of the bus. */
  close(): Promise<void>;
}

/** A whole request must have come by then, headers and body: fastify itself would wait for ever. */
const REQUEST_TIMEOUT_MS = 30_000;

const createAdapter = (): FastifyAdapter =>
  new FastifyAdapter({
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    return503OnClosing: false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerUnreadable,
    routerOptions: { maxParamLength: 500 },
  });

const adopt = ({ lifecycle, telemetry, onHttpAnswer }: HttpAppOptions, adapter: FastifyAdapter): void => {
  const fastify = adapter.getInstance();
  useResponseHeaders(fastify);
  useHttpSpans(fastify, telemetry.metrics);
  useRequestEnding(fastify, lifecycle);
  useOrderlyEnd(fastify);
  if (onHttpAnswer !== undefined) tellOfAnswers(fastify, onHttpAnswer);
};

/** Nest on fastify with what every route shares: strict JSON, a proven caller, problem details, one description. */
export const createHttpApp = async (options: HttpAppOptions): Promise<HttpApp> => {
  const { authenticator, lifecycle, telemetry, log, modules, version, maxConnections } = options;
  const adapter = createAdapter();
  adopt(options, adapter);
  let described: JsonObject = {};
  const operators = OperatorModule.with({ lifecycle, telemetry, openApi: () => described });
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: HostRootModule, imports: [operators, ...modules] },
    adapter,
    { bodyParser: false, logger: nestLogger(log), abortOnError: false },
  );
  const operations = operationsOf(app);
  useAuthentication(adapter.getInstance(), operations, authenticator);
  useStrictJsonBody(adapter.getInstance(), operations);
  described = openApiDocument(operations, version);
  app.useGlobalGuards(new AuthGuard());
  app.useGlobalInterceptors(new ReplyInterceptor());
  app.useGlobalFilters(new ProblemFilter({ log, allowedMethods: allowedMethods(operations) }));
  if (maxConnections !== undefined) app.getHttpServer().maxConnections = maxConnections;
  return { app, listen: async (host, port) => listen(app, host, port), close: async () => app.close() };
};

class HostRootModule {}

const listen = async (app: NestFastifyApplication, host: string, port: number): Promise<string> => {
  await app.listen(port, host);
  const address = app.getHttpServer().address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${name}:${address.port}`;
};

/** Nest's own lines are of use only when something is wrong with the composition. */
const nestLogger = (log: Logger): LoggerService => ({
  log: (message: unknown) => log.debug(String(message), { from: 'nest' }),
  debug: (message: unknown) => log.debug(String(message), { from: 'nest' }),
  verbose: (message: unknown) => log.debug(String(message), { from: 'nest' }),
  warn: (message: unknown) => log.warn(String(message), { from: 'nest' }),
  error: (message: unknown) => log.error(String(message), { from: 'nest' }),
  fatal: (message: unknown) => log.error(String(message), { from: 'nest' }),
});
