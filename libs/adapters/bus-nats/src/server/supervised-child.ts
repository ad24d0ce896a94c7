import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SUPERVISE_SCRIPT } from './supervise-script.ts';

const TAIL_BYTES = 4_096;
const STOP_MS = 4_000;

/** A program that ends with us: by `stop`, or by the kernel when this process is gone. */
export class SupervisedChild {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  #tail = '';

  constructor(program: string, args: readonly string[]) {
    // Detached: a Ctrl-C in the terminal is for us, and we end it when we have drained.
    this.#child = spawn('/bin/sh', ['-c', SUPERVISE_SCRIPT, 'countersign-supervise', program, ...args], {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_BYTES);
    });
    this.#child.stdin?.on('error', () => undefined);
    this.ended = this.#watch();
  }

  /** The last it said on standard error. */
  get lastWords(): string {
    return this.#tail;
  }

  /** Asks it to end, and insists after four seconds. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.stdin?.destroy(), STOP_MS);
    await this.ended;
    clearTimeout(insist);
  }

  async #watch(): Promise<void> {
    try {
      await once(this.#child, 'close');
    } catch (error) {
      this.#tail += String(error);
    } finally {
      // Where only the script was killed, this ends what it left behind.
      this.#child.stdin?.destroy();
    }
  }
}
