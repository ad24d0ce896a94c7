import { once } from 'node:events';
import { Flood, type Attempt } from './flood.ts';

export interface FloodOrders {
  readonly address: string;
  readonly attempts: readonly Attempt[];
  readonly perSecond: number;
}

// In a process of its own, so that whoever measures isn't held up by it: floods from the first message to the
// second, then says what became of it.
const [orders] = (await once(process, 'message')) as [FloodOrders];
const flood = new Flood(orders.address);
flood.start(orders.attempts, orders.perSecond);
process.send?.('started');
await once(process, 'message');
process.send?.(await flood.stop());
process.disconnect();
