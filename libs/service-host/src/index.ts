export { ConfigError } from './config/config-error.ts';
export type { Environment } from './config/environment.ts';
export { readConfig, SETTING_NAMES } from './config/read-config.ts';
export { requestLinkTo } from './config/request-link.ts';
export type {
  AdmissionConfig,
  ChannelsConfig,
  LogLevel,
  Mode,
  NatsConfig,
  RequesterCaps,
  ServiceConfig,
} from './config/service-config.ts';
export { readSettingsFile } from './config/read-settings-file.ts';
export type { IssuerConfig } from './config/issuer-config.ts';
export { activeDirectory } from './authentication/active-directory.ts';
export type { Authenticator } from './authentication/authenticator.ts';
export { AuthenticationError, type AuthenticationErrorCode } from './authentication/authentication-error.ts';
export { actorOf, requireInitiator, type Caller } from './authentication/caller.ts';
export { provenCaller } from './authentication/proven-caller.ts';
export type { JwtAuthenticatorOptions } from './authentication/jwt-authenticator.ts';
export type { TrustedIssuer } from './authentication/trusted-issuers.ts';
export { ApiRoute, type ApiOperation, type ApiResponse } from './http/api-route.ts';
export { createHttpApp, type HttpApp, type HttpAppOptions } from './http/create-http-app.ts';
export { isProblemCode, problemStatus, type ProblemCode } from './http/problem-status.ts';
export { invalidCursor, pageCursor, type PageCursor } from './http/page-cursor.ts';
export { reply, Reply } from './http/reply.ts';
export { parseBySchema } from './http/parse-by-schema.ts';
export {
  ApiBody,
  ApiHeaders,
  ApiParams,
  ApiQuery,
  CurrentCaller,
  JsonBody,
  RawBody,
  RawHeaders,
  RequestEnding,
} from './http/request-parts.ts';
export { Lifecycle, type LifecycleParticipant, type Unready } from './lifecycle/lifecycle.ts';
export type { LifecycleState } from './lifecycle/lifecycle-state.ts';
export { SILENT_LOGGER, type LogFields, type Logger } from './telemetry/logger.ts';
export { createTelemetry, type TelemetryOptions } from './telemetry/create-telemetry.ts';
export { createMetrics } from './telemetry/metrics.ts';
export type { Gauge, Metrics, SpanOptions, Telemetry } from './telemetry/telemetry.ts';
export {
  openKeys,
  type NamedKeys,
  type ProcessKeys,
  type PublicTokenKey,
  type TokenKey,
} from './named-keys.ts';
export { followerUnready, projectionLagS } from './due-work/follower-health.ts';
export {
  startDueWork,
  type DueWorkContext,
  type DueWorkPart,
  type StartedDueWork,
} from './due-work/start-due-work.ts';
export { serviceActor } from './process/service-actor.ts';
export {
  startProcess,
  type ProcessOptions,
  type RunningProcess,
  type ServicePart,
} from './process/start-process.ts';
export { runProcess, type RunOptions } from './process/run-process.ts';
export { welcome } from './process/welcome.ts';
export type { StoreInitialized } from './process/store-mode.ts';
export type { ServiceContext } from './service-context.ts';
export {
  MAX_REFUSED_ATTEMPTS,
  RefusedAttempts,
  type AttemptKind,
  type RefusedAttempt,
} from './attempts/refused-attempts.ts';
export { inHand } from './threads/in-hand.ts';
export { requestFrom, type LoadedRequest } from './threads/load-request.ts';
export { notFound } from './threads/not-found.ts';
export { readThread } from './threads/read-thread.ts';
export { alarmed, isUntrustedRecord, raiseAlarm } from './threads/untrusted-record.ts';
