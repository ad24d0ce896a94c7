import { parseArgs } from 'node:util';
import { DevEventStore } from './dev-event-store.ts';

// node libs/dev-event-store/dist/main.js --data <folder> [--port 2113]

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string', default: '2113' } },
});
if (values.data === undefined) throw new Error('Name the folder of the log: --data <folder>.');

const dev = await DevEventStore.start({ folder: values.data, ports: [Number(values.port)] });
const stop = (): void => {
  dev.close().then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);

process.stdout.write(
  `Development event store at ${dev.address}\n` +
    'It speaks the EventStoreDB protocol over SQLite, for tests and development: no TLS, no replicas, no support.\n',
);
