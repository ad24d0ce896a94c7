import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface ChildSettings {
  readonly main: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its first group is what `started` gives. */
  readonly announcement: RegExp;
  /** Before the main: `--cpu-prof` and the like. */
  readonly nodeArgs?: readonly string[];
}

/** A server in a process of its own. What it says after its announcement is read and thrown away. */
export class Child {
  readonly announced: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, announced: string) {
    this.#process = process;
    this.announced = announced;
  }

  static async start({
    main,
    args = [],
    env = {},
    announcement,
    nodeArgs = [],
  }: ChildSettings): Promise<Child> {
    const { PATH = '/usr/sbin:/usr/bin:/bin' } = process.env;
    const child = spawn(process.execPath, ['--no-warnings', ...nodeArgs, main, ...args], {
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new Child(child, await announcedBy(child, announcement));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Ends it, by force where it doesn't end in ten seconds. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const force = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    await exited;
    clearTimeout(force);
  }
}

const announcedBy = (child: ChildProcess, announcement: RegExp): Promise<string> => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  const look = (text: string): void => {
    said += text;
    const found = announcement.exec(said)?.[1];
    if (found === undefined) return;
    resolve(found);
    for (const stream of [child.stdout, child.stderr]) stream?.off('data', look).resume();
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', look);
  child.once('exit', (code) => reject(new Error(`A server ended (${code}) before it listened:\n${said}`)));
  return promise;
};
