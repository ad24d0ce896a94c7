import { runProcess } from '@countersign/service-host';
import { badLuck } from './luck.ts';
import type { BadLuck } from './orders.ts';
import { SERVICES } from './services.ts';

// One of the five services as a process of its own (`TEST_SERVICE`), with bad luck on order (see orders.ts).
const { TEST_SERVICE }: BadLuck = process.env;
const services = SERVICES.filter(({ service }) => service === TEST_SERVICE);
if (TEST_SERVICE === undefined || services.length === 0) throw new Error(`"${TEST_SERVICE}" is no service.`);

await runProcess({
  name: TEST_SERVICE,
  version: '0.0.0',
  services,
  ...badLuck(process.env),
  announce: ({ address }) => process.stdout.write(`Countersign listens at ${address}\n`),
});
