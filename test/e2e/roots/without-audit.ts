import { credentialsModule } from '@countersign/service-credentials';
import { runProcess } from '@countersign/service-host';
import { intakeModule } from '@countersign/service-intake';
import { notificationModule } from '@countersign/service-notification';
import { policyModule } from '@countersign/service-policy';

await runProcess({
  name: 'without-audit',
  version: '0.0.0',
  services: [
    { service: 'policy', module: policyModule },
    { service: 'intake', module: intakeModule },
    { service: 'credentials', module: credentialsModule },
    { service: 'notification', module: notificationModule },
  ],
  ownNatsServer: true,
  announce: ({ address }) => process.stdout.write(`Countersign listens at ${address}\n`),
});
