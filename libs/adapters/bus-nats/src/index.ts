export type { BusLog } from './bus-log.ts';
export type { BusStats } from './bus-stats.ts';
export type { CallHandler, IncomingCall } from './call-server.ts';
export { NatsBus, type NatsBusOptions, type Serving } from './nats-bus.ts';
export { NatsLink, type NatsLinkOptions } from './nats-link.ts';
export { NatsStrategy, type NatsStrategyOptions } from './nats-strategy.ts';
export { CodedRpcExceptionFilter } from './coded-rpc-exception-filter.ts';
export { RequestIntakeQueue, type RequestIntakeQueueOptions } from './request-queue/request-intake-queue.ts';
export type { NatsCluster, RouteTlsFiles } from './server/cluster-config.ts';
export { nkeyVariable, writeNatsAccess, type NatsAccess } from './server/nats-access.ts';
export { createNkeyFile, readNkeyPublicKey, readNkeySeed } from './server/nkey-file.ts';
export {
  inboxPrefixOf,
  renderRequestUsers,
  renderServicesServerConfig,
  SERVICE_LOGINS,
  type RequesterLogin,
  type ServiceLogin,
  type ServicesServerConfig,
  type TlsFiles,
} from './server/services-server-config.ts';
export { renderNatsServerConfig, type NatsServerConfig } from './server/nats-server-config.ts';
export {
  NatsServerProcess,
  type NatsCredentials,
  type NatsServerProcessOptions,
} from './server/nats-server-process.ts';
