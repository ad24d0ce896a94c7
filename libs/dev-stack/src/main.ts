import { welcome } from '@countersign/service-host';
import { LocalStack } from './local-stack.ts';
import { HELP, readMainOptions, type MainOptions } from './main-options.ts';
import type { LineSource } from './stack-options.ts';

// What `npm run start:services` runs.

const EXIT_INTERRUPTED = 130;
/** One Ctrl-C may come twice, from the terminal and forwarded by npm: that is no impatience. */
const ONE_STOP_MS = 500;

/** nats-server tells its whole configuration at each start; what is wrong it tells otherwise. */
const isChatter = (line: string, { process: from }: LineSource): boolean =>
  from === 'nats' && line.includes('[INF]');

const print = (line: string, from: LineSource): void => {
  if (isChatter(line, from)) return;
  (from.forPeople ? process.stdout : process.stderr).write(`${line}\n`);
};

/** Resolves at the first signal, or when the parent is gone; a further signal ends this process at once. */
const untilStopped = (): Promise<void> =>
  new Promise((resolve) => {
    let firstMs: number | undefined;
    const stop = (): void => {
      if (firstMs !== undefined && performance.now() - firstMs > ONE_STOP_MS) process.exit(EXIT_INTERRUPTED);
      firstMs ??= performance.now();
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    process.once('disconnect', stop);
  });

const run = async (options: MainOptions): Promise<number> => {
  const stopped = untilStopped();
  // What was started until then ends with this process.
  const impatient = stopped.then(() => undefined);
  const stack = await Promise.race([
    LocalStack.start({ ...options, supervise: true, log: print }),
    impatient,
  ]);
  if (stack === undefined) return EXIT_INTERRUPTED;
  const { address, folders, processes } = stack;
  process.stdout.write(welcome({ address, config: { dataFolder: folders.path, mode: 'development' } }));
  process.stdout.write(`  Apart: ${processes.map(({ name, pid }) => `${name} (${pid})`).join(', ')}\n\n`);
  await stopped;
  return (await stack.stop()) ? 0 : 1;
};

try {
  const options = readMainOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(HELP);
  else process.exitCode = await run(options);
} catch (error) {
  process.stderr.write(
    `Countersign can't start: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}
process.exit();
