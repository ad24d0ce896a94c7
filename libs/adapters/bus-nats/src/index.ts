export type { BusLog } from './bus-log.ts';
export type { BusStats } from './bus-stats.ts';
export type { CallHandler, IncomingCall } from './call-server.ts';
export { NatsBus, type NatsBusOptions, type Serving } from './nats-bus.ts';
export { NatsLink, type NatsLinkOptions } from './nats-link.ts';
export { NatsStrategy, type NatsStrategyOptions } from './nats-strategy.ts';
export { CodedRpcExceptionFilter } from './coded-rpc-exception-filter.ts';
export { RequestIntakeQueue, type RequestIntakeQueueOptions } from './request-queue/request-intake-queue.ts';
export { renderNatsServerConfig, type NatsServerConfig } from './server/nats-server-config.ts';
export {
  NatsServerProcess,
  type NatsCredentials,
  type NatsServerProcessOptions,
} from './server/nats-server-process.ts';
