import { parseArgs } from 'node:util';

// node libs/dev-event-store/dist/main.js --data <folder> [--port 2113]

// Before anything is loaded or opened: who stops it while it starts stops it as cleanly as later, and who asks
// twice doesn't cut it off.
const { promise: toldToStop, resolve: stop } = Promise.withResolvers<void>();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop());

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string', default: '2113' } },
});
if (values.data === undefined) throw new Error('Name the folder of the log: --data <folder>.');

const { DevEventStore } = await import('./dev-event-store.ts');
const tellWhyNot = (error: unknown): never => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return process.exit(1);
};
const options = { folder: values.data, ports: [Number(values.port)] };
const dev = await DevEventStore.start(options).catch(tellWhyNot);
process.stdout.write(
  `Development event store at ${dev.address}\n` +
    'It speaks the EventStoreDB protocol over SQLite, for tests and development: no TLS, no replicas, no support.\n',
);
await toldToStop;
await dev.close();
process.exit(0);
