import { describeEventStore } from '@countersign/event-store/contract';
import { SystemClock } from '@countersign/kernel';
import { MemoryEventStore } from './memory-event-store.ts';

describeEventStore('MemoryEventStore', () =>
  Promise.resolve({ store: new MemoryEventStore(new SystemClock()), close: () => Promise.resolve() }),
);
