import { runProcess } from '@countersign/service-host';
import { badLuck } from './luck.ts';
import { SERVICES } from './services.ts';

// The all-in-one process, with bad luck on order (see orders.ts).
await runProcess({
  name: 'bad-luck',
  version: '0.0.0',
  services: SERVICES,
  ownNatsServer: true,
  ...badLuck(process.env),
  announce: ({ address }) => process.stdout.write(`Countersign listens at ${address}\n`),
});
