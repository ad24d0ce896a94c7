import { auditModule } from '@countersign/service-audit';
import { credentialsModule } from '@countersign/service-credentials';
import type { RunOptions } from '@countersign/service-host';
import { intakeModule } from '@countersign/service-intake';
import { notificationModule } from '@countersign/service-notification';
import { policyModule } from '@countersign/service-policy';

/** What apps/all-in-one runs. */
export const SERVICES: RunOptions['services'] = [
  { service: 'policy', module: policyModule },
  { service: 'intake', module: intakeModule },
  { service: 'credentials', module: credentialsModule },
  { service: 'notification', module: notificationModule },
  { service: 'audit', module: auditModule },
];
