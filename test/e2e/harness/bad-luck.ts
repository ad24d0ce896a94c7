import { fileURLToPath } from 'node:url';
import type { BadLuck } from '../roots/orders.ts';
import { Countersign, type CountersignOptions } from './countersign.ts';

/** The whole of Countersign, with bad luck from the start or on order (`countersign.process.order`). */
export const startWithBadLuck = (
  luck: BadLuck = {},
  options: CountersignOptions = {},
): Promise<Countersign> =>
  Countersign.start({
    ...options,
    main: fileURLToPath(new URL('../roots/bad-luck.ts', import.meta.url)),
    takesOrders: true,
    env: { ...luck, ...options.env },
  });
