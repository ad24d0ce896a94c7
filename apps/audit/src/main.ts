import { runProcess } from '@countersign/service-host';
import { auditModule } from '@countersign/service-audit';

await runProcess({
  name: 'audit',
  version: '0.0.0',
  services: [{ service: 'audit', module: auditModule }],
});
