import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { LEASH_SCRIPT } from './leash-script.ts';

export type OutputStream = 'stdout' | 'stderr';

export interface ProgramSettings {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it is sent orders over an IPC channel. */
  readonly takesOrders?: boolean | undefined;
  readonly onLine?: ((line: string, stream: OutputStream) => void) | undefined;
  /** How much of each stream is kept; everything unless told. */
  readonly keepChars?: number | undefined;
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One life of a program, from its start to its end. It never outlives this process, however that ends. */
export class RunningProgram {
  /** Resolves when it has ended and everything it said was read. */
  readonly ended: Promise<Ending>;
  readonly #child: ChildProcess;
  readonly #kept: Record<OutputStream, string> = { stdout: '', stderr: '' };

  constructor(settings: ProgramSettings) {
    const { program, args, env, takesOrders = false } = settings;
    // Detached: a Ctrl-C in the terminal is for us, and we end it when its turn comes.
    this.#child = spawn('/bin/sh', ['-c', LEASH_SCRIPT, 'countersign-leash', program, ...args], {
      env: { ...env },
      stdio: ['pipe', 'pipe', 'pipe', takesOrders ? 'ipc' : 'ignore'],
      detached: true,
    });
    this.ended = this.#watch();
    this.#read('stdout', this.#child.stdout, settings);
    this.#read('stderr', this.#child.stderr, settings);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isRunning(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has written so far, to both streams. */
  get output(): string {
    return `${this.#kept.stdout}\n${this.#kept.stderr}`;
  }

  /** The log lines it has written so far, parsed. */
  get logLines(): readonly Readonly<Record<string, unknown>>[] {
    return this.#kept.stderr
      .split('\n')
      .filter((line) => line.startsWith('{') && line.endsWith('}'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** The first group of the pattern once it was said on standard output; an error where it ends before. */
  said(pattern: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = (): void => {
      const found = pattern.exec(this.#kept.stdout)?.[1];
      if (found !== undefined) resolve(found);
    };
    this.#child.stdout?.on('data', look);
    const tellWhy = ({ code, signal }: Ending): void =>
      reject(new Error(`It ended (${code ?? signal}) before it listened:\n${this.output}`));
    this.ended.then(tellWhy, reject);
    return promise;
  }

  /** Sends a signal, and doesn't wait. */
  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Sends a signal that ends it, and waits for that. */
  async signal(signal: NodeJS.Signals): Promise<Ending> {
    this.#child.kill(signal);
    return this.ended;
  }

  /** Resolves when the program has done it. */
  async order(order: object): Promise<void> {
    const answered = once(this.#child, 'message');
    const over = this.ended.then(() => Promise.reject(new Error('It ended before it had obeyed.')));
    this.#child.send(order);
    await Promise.race([answered, over]);
  }

  #read(
    stream: OutputStream,
    from: Readable | null,
    { onLine, keepChars = Infinity }: ProgramSettings,
  ): void {
    from?.setEncoding('utf8').on('data', (text: string) => {
      const all = this.#kept[stream] + text;
      this.#kept[stream] = all.length > keepChars ? all.slice(-keepChars) : all;
    });
    if (from && onLine) createInterface({ input: from }).on('line', (line) => onLine(line, stream));
  }

  #watch(): Promise<Ending> {
    const child = this.#child;
    // The watcher goes too, and takes nothing along.
    child.once('exit', () => child.stdin?.end('\n'));
    child.stdin?.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
      child.once('error', reject);
    });
  }
}
