import type { ServiceName } from '@countersign/kernel';
import { runProcess, type ServicePart } from '@countersign/service-host';
import { badLuck } from './luck.ts';
import type { BadLuck } from './orders.ts';

// One of the five services as a process of its own (`TEST_SERVICE`), with bad luck on order (see orders.ts).

/** Only the one that runs is loaded, as in its own app. */
const MODULES: Readonly<Record<ServiceName, () => Promise<ServicePart['module']>>> = {
  intake: async () => (await import('@countersign/service-intake')).intakeModule,
  policy: async () => (await import('@countersign/service-policy')).policyModule,
  notification: async () => (await import('@countersign/service-notification')).notificationModule,
  credentials: async () => (await import('@countersign/service-credentials')).credentialsModule,
  audit: async () => (await import('@countersign/service-audit')).auditModule,
};

const isService = (name: string | undefined): name is ServiceName => name !== undefined && name in MODULES;

const { TEST_SERVICE }: BadLuck = process.env;
if (!isService(TEST_SERVICE)) throw new Error(`"${TEST_SERVICE}" is no service.`);

await runProcess({
  name: TEST_SERVICE,
  version: '0.0.0',
  services: [{ service: TEST_SERVICE, module: await MODULES[TEST_SERVICE]() }],
  ...badLuck(process.env),
  announce: ({ address }) => process.stdout.write(`Countersign listens at ${address}\n`),
});
