import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseEntity } from '@countersign/kernel';
import { mintDevelopmentToken } from '@countersign/keys-file';
import { Api } from './api.ts';
import { ALL_IN_ONE, CountersignProcess } from './countersign-process.ts';
import type { Issuer } from './issuer.ts';
import { LogFile } from './log-file.ts';

export const ACME = fileURLToPath(new URL('../../../deploy/samples/acme', import.meta.url));

const TOKEN_MS = 3_600_000;
const READY_POLL_MS = 25;

export interface CountersignOptions {
  /** Root to run; the compiled all-in-one unless told. */
  readonly main?: string;
  /** Whether that root takes orders (roots/orders.ts). */
  readonly takesOrders?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Changes this Countersign's own copy of the sample organisation before it starts. */
  readonly editPolicies?: (folder: string) => void;
  /** Trusted beside the development issuer. */
  readonly issuers?: readonly Issuer[];
  /** Resolve when it listens, though it isn't ready: for a bus or a store that is away at start. */
  readonly awaitReady?: boolean;
}

/**
 * A whole Countersign in a data folder of its own, as people run it: a real process, a real NATS server, a
 * real store. It outlives its processes: `kill` and `restart` go on in the same folder.
 */
export class Countersign {
  readonly folder = mkdtempSync(join(tmpdir(), 'countersign-e2e-'));
  readonly dataFolder = join(this.folder, 'data');
  /** Its own copy of the sample organisation. */
  readonly policiesFolder = join(this.folder, 'policies');
  readonly log = new LogFile(this.dataFolder);
  readonly #issuersFile = join(this.folder, 'issuers.json');
  readonly #options: CountersignOptions;
  readonly #lives: CountersignProcess[] = [];

  private constructor(options: CountersignOptions) {
    this.#options = options;
  }

  static async start(options: CountersignOptions = {}): Promise<Countersign> {
    const countersign = new Countersign(options);
    cpSync(ACME, countersign.policiesFolder, { recursive: true });
    options.editPolicies?.(countersign.policiesFolder);
    const issuers = options.issuers?.map((issuer, index) => issuer.publish(countersign.folder, index));
    writeFileSync(countersign.#issuersFile, JSON.stringify(issuers ?? []));
    await countersign.#launch(options);
    return countersign;
  }

  get process(): CountersignProcess {
    const life = this.#lives.at(-1);
    if (life === undefined) throw new Error('It was never started.');
    return life;
  }

  get address(): string {
    return this.process.address;
  }

  /** All that every life of it has written, for scans. */
  get output(): string {
    return this.#lives.map(({ output }) => output).join('\n');
  }

  /** A development token: `as` in Cedar's notation, `initiator` a person's id. */
  async token(as: string, initiator?: string, ttlMs = TOKEN_MS): Promise<string> {
    return mintDevelopmentToken(this.dataFolder, { as: parseEntity(as), initiator, ttlMs }, Date.now());
  }

  async api(as: string, initiator?: string): Promise<Api> {
    return this.apiWith(await this.token(as, initiator));
  }

  /** With any text as the bearer token, or without one. */
  apiWith(token?: string): Api {
    return new Api(this.address, token === undefined ? {} : { authorization: `Bearer ${token}` });
  }

  async ready(): Promise<boolean> {
    return (await this.apiWith().get('/health/ready')).status === 200;
  }

  async untilReady(): Promise<void> {
    while (!(await this.ready())) await delay(READY_POLL_MS);
  }

  /** SIGTERM; anything but a clean end is an error with all it said. */
  async stop(): Promise<void> {
    const { code, signal } = await this.process.signal('SIGTERM');
    if (code !== 0) throw new Error(`It ended with ${code ?? signal} at SIGTERM:\n${this.process.output}`);
  }

  /** SIGKILL: nothing of it runs any more when this resolves. */
  async kill(): Promise<void> {
    await this.process.signal('SIGKILL');
  }

  /** Starts again in the same folder; what `changes` names is different in this life. */
  async restart(changes: CountersignOptions = {}): Promise<void> {
    if (this.process.isRunning) await this.stop();
    await this.#launch({ ...this.#options, ...changes });
  }

  /** Ends what runs, cleanly unless it has ended already, and removes the folder. */
  async dispose(): Promise<void> {
    try {
      if (this.process.isRunning) await this.stop();
    } finally {
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  async #launch({
    main = ALL_IN_ONE,
    takesOrders,
    env,
    awaitReady = true,
  }: CountersignOptions): Promise<void> {
    const settings = {
      COUNTERSIGN_MODE: 'development',
      COUNTERSIGN_DATA: this.dataFolder,
      COUNTERSIGN_POLICIES: this.policiesFolder,
      COUNTERSIGN_ISSUERS: this.#issuersFile,
      ...env,
    };
    this.#lives.push(await CountersignProcess.start({ main, takesOrders, env: settings }));
    if (awaitReady) await this.untilReady();
  }
}
