export { freePort } from './free-port.ts';
export { LocalStack } from './local-stack.ts';
export { writeNatsFiles, type NatsFiles } from './nats-files.ts';
export { ManagedProcess, type ManagedSettings } from './process/managed-process.ts';
export {
  RunningProgram,
  type Ending,
  type OutputStream,
  type ProgramSettings,
} from './process/running-program.ts';
export { RoutingProxy } from './proxy/routing-proxy.ts';
export { COMPILED, inRepository, NODE } from './repository.ts';
export type { StackFolders } from './stack-folders.ts';
export type { LineSource, StackOptions } from './stack-options.ts';
