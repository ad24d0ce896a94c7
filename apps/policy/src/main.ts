import { runProcess } from '@countersign/service-host';
import { policyModule } from '@countersign/service-policy';

await runProcess({
  name: 'policy',
  version: '0.0.0',
  services: [{ service: 'policy', module: policyModule }],
});
