import { runProcess } from '@countersign/service-host';
import { notificationModule } from '@countersign/service-notification';

await runProcess({
  name: 'notification',
  version: '0.0.0',
  services: [{ service: 'notification', module: notificationModule }],
});
