import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inRepository, NODE, RunningProgram } from '@countersign/dev-stack';
import { Child } from '../child.ts';
import { mintTokens, startInstance, type Target } from '../instance.ts';
import { descendantsOf, type Part } from '../process-usage.ts';
import type { StackAnnouncement } from './stack-process.ts';

/** One way of running Countersign, with what tells its parts' costs apart. */
export interface Topology {
  readonly name: string;
  readonly target: Target & { readonly parts: readonly Part[] };
}

/** All on this machine, each with a log of its own below the folder. */
export const startTopologies = async (
  folder: string,
  started: (topology: Topology) => void,
): Promise<void> => {
  started(await allInOne(folder));
  started(await allInOneOnEventStore(folder));
  started(await apart(folder, 1));
  started(await apart(folder, 2));
};

const folderIn = (folder: string): string => mkdtempSync(join(folder, 'services-'));

const partsOfInstance = (pid: number): readonly Part[] => [
  { name: 'all-in-one', pid },
  ...descendantsOf(pid).map((started) => ({ name: 'nats', pid: started })),
];

const allInOne = async (folder: string): Promise<Topology> => {
  const target = await startInstance({ dataFolder: folderIn(folder) });
  return { name: 'all-in-one, SQLite', target: { ...target, parts: partsOfInstance(target.pid) } };
};

const allInOneOnEventStore = async (folder: string): Promise<Topology> => {
  const store = new RunningProgram({
    program: NODE,
    args: [inRepository('libs/dev-event-store/dist/main.js'), '--data', folderIn(folder), '--port', '0'],
    env: {},
  });
  const eventStore = await store.said(/Development event store at (\S+)/);
  const target = await startInstance({ dataFolder: folderIn(folder), eventStore });
  const parts = [...partsOfInstance(target.pid), { name: 'event-store', pid: store.pid ?? 0 }];
  const stop = async (): Promise<void> => {
    await target.stop();
    await store.signal('SIGTERM');
  };
  return { name: 'all-in-one, event store', target: { ...target, parts, stop } };
};

const apart = async (folder: string, replicas: number): Promise<Topology> => {
  const dataFolder = folderIn(folder);
  const child = await Child.start({
    main: fileURLToPath(new URL('stack-process.ts', import.meta.url)),
    args: [dataFolder, String(replicas)],
    announcement: /listens at (\{.*\})\n/,
  });
  const { address, parts } = JSON.parse(child.announced) as StackAnnouncement;
  const tokens = await mintTokens(dataFolder);
  return {
    name: replicas === 1 ? 'five services' : `five services, ${replicas} of each`,
    target: { address, tokens, pid: child.pid, parts, stop: () => child.stop() },
  };
};
