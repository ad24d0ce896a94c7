import { runProcess } from '@countersign/service-host';
import { intakeModule } from '@countersign/service-intake';
import { policyModule } from '@countersign/service-policy';

// Half of all-in-one, for what ends before a grant.
await runProcess({
  name: 'policy-and-intake',
  version: '0.0.0',
  services: [
    { service: 'policy', module: policyModule },
    { service: 'intake', module: intakeModule },
  ],
  ownNatsServer: true,
  announce: ({ address }) => process.stdout.write(`Countersign listens at ${address}\n`),
});
