// Started by a test as a process of its own, to be killed: starts a nats-server, prints how to reach it, waits.
import { NatsServerProcess } from '../server/nats-server-process.ts';
import { natsServerPath, silentLog } from './real-nats.ts';

const [, , folder = ''] = process.argv;
const server = await NatsServerProcess.start({ binary: natsServerPath(), folder, log: silentLog });
process.stdout.write(`${JSON.stringify({ url: server.url, ...server.credentials.internal })}\n`);
process.stdin.resume();
