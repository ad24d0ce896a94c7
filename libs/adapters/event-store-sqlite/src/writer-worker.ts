import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { LogWriter, type WriterOptions } from './log-writer.ts';
import { failureOf } from './sqlite-failure.ts';
import type { WriterAppend, WriterReply, WriterRequest } from './writer-protocol.ts';

// Runs from source too, by Node's own type stripping: erasable syntax and relative imports only.

/** Takes all that waits behind the first request: one transaction, and one fsync, for all of it. */
const drain = (port: MessagePort, first: WriterRequest): { appends: WriterAppend[]; close: boolean } => {
  const appends: WriterAppend[] = [];
  let request: WriterRequest | undefined = first;
  while (request !== undefined) {
    if (request.kind === 'close') return { appends, close: true };
    appends.push(...request.appends);
    request = receiveMessageOnPort(port)?.message as WriterRequest | undefined;
  }
  return { appends, close: false };
};

const serve = (port: MessagePort, writer: LogWriter): void => {
  const reply = (message: WriterReply): void => port.postMessage(message);
  port.on('message', (first: WriterRequest) => {
    const { appends, close } = drain(port, first);
    if (appends.length > 0) reply({ kind: 'answers', ...writer.write(appends), head: writer.head });
    if (!close) return;
    writer.close();
    port.close();
  });
  reply({ kind: 'ready', head: writer.head });
};

const start = (port: MessagePort, { path, ...options }: WriterOptions & { readonly path: string }): void => {
  try {
    serve(port, new LogWriter(path, options));
  } catch (error) {
    port.postMessage({ kind: 'broken', failure: failureOf(error) } satisfies WriterReply);
    port.close();
  }
};

if (parentPort !== null) start(parentPort, workerData as WriterOptions & { readonly path: string });
