import { runProcess } from '../run-process.ts';
import { sampleModule } from './sample-service.ts';

await runProcess({
  name: 'sample',
  version: '0.0.0',
  ownNatsServer: true,
  services: [{ service: 'policy', module: (context) => sampleModule(context) }],
  announce: ({ address }) => process.stdout.write(`serving ${address}\n`),
});
