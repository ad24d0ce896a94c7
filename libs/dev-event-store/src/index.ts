export { DevEventStore, type DevEventStoreOptions } from './dev-event-store.ts';
export {
  Faults,
  type AppendFault,
  type FaultChances,
  type ReadFault,
  type SubscriptionFault,
} from './faults.ts';
