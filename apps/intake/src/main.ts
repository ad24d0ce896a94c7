import { runProcess } from '@countersign/service-host';
import { intakeModule } from '@countersign/service-intake';

await runProcess({
  name: 'intake',
  version: '0.0.0',
  services: [{ service: 'intake', module: intakeModule }],
});
