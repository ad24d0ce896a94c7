import { LocalStack } from '@countersign/dev-stack';
import type { Part } from '../process-usage.ts';
import { UNCAPPED } from '../instance.ts';

// The five services apart, in a process of its own: what it uses itself is the proxy's.
// node stack-process.ts <folder> <replicas>

/** What it says once it can be used. */
export interface StackAnnouncement {
  /** Of the proxy. */
  readonly address: string;
  readonly parts: readonly Part[];
}

const [folder = '', replicas = '1'] = process.argv.slice(2);
const stack = await LocalStack.start({ folder, replicas: Number(replicas), env: () => UNCAPPED });

const parts = stack.processes.map(({ name, pid = 0 }) => ({ name: name.replace(/-\d+$/, ''), pid }));
const announcement: StackAnnouncement = {
  address: stack.address,
  parts: [...parts, { name: 'proxy', pid: process.pid }],
};
process.stdout.write(`The stack listens at ${JSON.stringify(announcement)}\n`);

const stop = async (): Promise<void> => {
  await stack.stop();
  process.exit(0);
};
process.once('SIGTERM', () => void stop());
// What it started ends with it.
process.once('disconnect', () => process.exit(1));
