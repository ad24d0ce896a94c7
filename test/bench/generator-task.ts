import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Tokens, WorkloadName } from './journeys.ts';

export interface Task {
  readonly address: string;
  readonly tokens: Tokens;
  readonly workload: WorkloadName;
  readonly load:
    | {
        readonly kind: 'samples';
        readonly samples: number;
        /** Fewer samples where it isn't enough for them, so that a run ends in its time. */
        readonly withinMs?: number;
      }
    | {
        readonly kind: 'throughput';
        readonly inFlight: number;
        readonly durationMs: number;
        /** Whether what ends in a 503 is counted, and the next begun; else it ends the task. */
        readonly countsUnavailable?: boolean;
      };
}

export type TaskResult =
  | {
      readonly kind: 'done';
      readonly latenciesMs: readonly number[];
      readonly elapsedMs: number;
      readonly unavailable: number;
    }
  | { readonly kind: 'failed'; readonly why: string };

export type Load = Extract<TaskResult, { kind: 'done' }>;

const main = fileURLToPath(new URL('generator.ts', import.meta.url));

/** The process that makes the load. One task at a time. */
export class Generator {
  readonly #child: ChildProcess = fork(main, { execArgv: ['--no-warnings'] });
  readonly #ended: Promise<never>;

  constructor() {
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`The generator ended (${String(code)}).`);
    });
    this.#ended.catch(() => undefined);
  }

  async run(task: Task): Promise<Load> {
    this.#child.send(task);
    const [result] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [TaskResult];
    if (result.kind === 'failed') throw new Error(`${task.workload} at ${task.address}: ${result.why}`);
    return result;
  }

  stop(): void {
    this.#child.kill();
  }
}
