import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NatsServerProcess } from '@countersign/bus-nats';
import { natsInboxPrefix } from '@countersign/contracts';
import { natsServerPath } from '@countersign/testing';
import { connect } from '@nats-io/transport-node';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { floorController } from './floor-controller.ts';
import { FloorWork } from './floor-work.ts';

// All-in-one's topology with nothing of Countersign in it: one process that serves HTTP by Nest on fastify,
// its own nats-server, and the same store with its writer in a thread.

class FloorModule {}

const folder = mkdtempSync(join(tmpdir(), 'countersign-floor-'));
const log = { info: () => undefined, warn: () => undefined, error: console.error };
const server = await NatsServerProcess.start({ binary: natsServerPath(), folder: join(folder, 'nats'), log });
const inboxPrefix = natsInboxPrefix('internal');
const nats = await connect({ servers: server.url, ...server.credentials.internal, inboxPrefix });
const work = await FloorWork.open(join(folder, 'log'), nats);
const app = await NestFactory.create<NestFastifyApplication>(
  { module: FloorModule, controllers: [floorController(work)] },
  new FastifyAdapter(),
  { logger: ['error'] },
);
await app.listen(0, '127.0.0.1');
process.stdout.write(`The floor listens at ${await app.getUrl()}\n`);

const stop = async (): Promise<void> => {
  await app.close();
  await nats.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
};
process.once('SIGTERM', () => void stop());
process.once('disconnect', () => void stop());
