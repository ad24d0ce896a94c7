import { auditModule } from '@countersign/service-audit';
import { credentialsModule } from '@countersign/service-credentials';
import { runProcess, welcome } from '@countersign/service-host';
import { intakeModule } from '@countersign/service-intake';
import { notificationModule } from '@countersign/service-notification';
import { policyModule } from '@countersign/service-policy';

await runProcess({
  name: 'all-in-one',
  version: '0.0.0',
  services: [
    { service: 'policy', module: policyModule },
    { service: 'intake', module: intakeModule },
    { service: 'credentials', module: credentialsModule },
    { service: 'notification', module: notificationModule },
    { service: 'audit', module: auditModule },
  ],
  ownNatsServer: true,
  announce: (running) => process.stdout.write(welcome(running)),
});
