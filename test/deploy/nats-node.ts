import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A nats-server that a test starts with a configuration of deployment. */
export class NatsNode {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static start(program: string, config: string, env: Readonly<Record<string, string>>): NatsNode {
    return new NatsNode(spawn(program, ['-c', config], { env: { ...process.env, ...env }, stdio: 'ignore' }));
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}
