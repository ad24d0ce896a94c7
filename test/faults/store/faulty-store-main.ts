import { parseArgs } from 'node:util';
import { DevEventStore } from '@countersign/dev-event-store';
import { Seed } from '../harness/seed.ts';
import type { StoreOrder } from './store-order.ts';

// The development event store, going wrong on order: node faulty-store-main.ts --data <folder> --port <port>
const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' } } });
const { data = '', port } = values;

const dev = await DevEventStore.start({ folder: data, ports: [Number(port)] });
let told: Readonly<Record<string, number>> = {};
process.on('message', ({ chances, seed }: StoreOrder) => {
  const draws = new Seed(seed);
  dev.faults.chance(chances, () => draws.next());
  const before = told;
  told = dev.faults.injectedByKind;
  process.send?.(
    Object.fromEntries(Object.entries(told).map(([kind, times]) => [kind, times - (before[kind] ?? 0)])),
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.('listening');
