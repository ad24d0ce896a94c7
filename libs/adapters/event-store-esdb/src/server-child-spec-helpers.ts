import { writeSync } from 'node:fs';
import { DevEventStore } from '@countersign/dev-event-store';

// Started by the specs: a server in a process of its own, to be killed.

const [folder = '', port = ''] = process.argv.slice(2);

await DevEventStore.start({ folder, ports: [Number(port)] });
writeSync(1, 'ready\n');
