export { ConfigError } from './config/config-error.ts';
export type { LogLevel, Mode, NatsConfig, ServiceConfig } from './config/service-config.ts';
export type { IssuerConfig } from './config/issuer-config.ts';
export type { Authenticator } from './authentication/authenticator.ts';
export { AuthenticationError, type AuthenticationErrorCode } from './authentication/authentication-error.ts';
export { actorOf, requireInitiator, type Caller } from './authentication/caller.ts';
export { ApiRoute, type ApiOperation, type ApiResponse } from './http/api-route.ts';
export { isProblemCode, PROBLEM_STATUS, problemStatus, type ProblemCode } from './http/problem-status.ts';
export { reply, Reply } from './http/reply.ts';
export { parseBySchema } from './http/parse-by-schema.ts';
export {
  ApiBody,
  ApiHeaders,
  ApiParams,
  ApiQuery,
  CurrentCaller,
  JsonBody,
  RequestEnding,
} from './http/request-parts.ts';
export { Lifecycle, type LifecycleParticipant, type Unready } from './lifecycle/lifecycle.ts';
export type { LifecycleState } from './lifecycle/lifecycle-state.ts';
export { SILENT_LOGGER, type LogFields, type Logger } from './telemetry/logger.ts';
export type { Gauge, Metrics, SpanOptions, Telemetry } from './telemetry/telemetry.ts';
export type { NamedKeys, PublicTokenKey, TokenKey } from './named-keys.ts';
export type { ServiceContext } from './service-context.ts';
export { readThread } from './threads/read-thread.ts';
