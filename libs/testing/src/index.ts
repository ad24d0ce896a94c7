export { armFailpoints, FailpointEventStore, loseAnswer, refuseAppend } from './failpoint-event-store.ts';
export { Failpoints, failWith, holdOpen } from './failpoints.ts';
export type { ArmOptions, FailpointAction } from './failpoints.ts';
export { ManualClock } from './manual-clock.ts';
export { testKeys, type TestKeys } from './test-keys.ts';
export { natsServerPath } from './nats-server-path.ts';
export { GapAuditor, type Acknowledged } from './gap-auditor.ts';
