import { credentialsModule } from '@countersign/service-credentials';
import { runProcess } from '@countersign/service-host';

await runProcess({
  name: 'credentials',
  version: '0.0.0',
  services: [{ service: 'credentials', module: credentialsModule }],
});
