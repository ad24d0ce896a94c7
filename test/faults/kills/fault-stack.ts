import { existsSync, readFileSync } from 'node:fs';
import type { LocalStack, StackOptions } from '@countersign/dev-stack';
import type { ServiceName } from '@countersign/kernel';
import { loadKeyRing } from '@countersign/keys-file';
import { assertStoreInvariants, type InvariantOptions } from '../../e2e/harness/invariants.ts';
import { ETL_BOT } from '../../e2e/harness/life-cycle.ts';
import type { LogFile } from '../../e2e/harness/log-file.ts';
import type { Order } from '../../e2e/roots/orders.ts';
import { PERSONS, type Callers, type Person } from '../harness/journey.ts';
import type { Ledger } from '../harness/ledger.ts';
import { connectOnNats, type OnNats } from '../harness/submit-on-nats.ts';
import { StackUnderLoad } from '../load/stack-under-load.ts';
import { doomed, passedFile } from './doomed.ts';

export interface FaultStackOptions extends Pick<StackOptions, 'replicas' | 'supervise' | 'log'> {
  /** Of every service process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The five services apart, each with failpoints, on a NATS server and an event store of their own. */
export class FaultStack {
  readonly #underLoad: StackUnderLoad;

  private constructor(underLoad: StackUnderLoad) {
    this.#underLoad = underLoad;
  }

  static async start({ env = {}, ...options }: FaultStackOptions = {}): Promise<FaultStack> {
    return new FaultStack(await StackUnderLoad.start((folder) => ({ ...options, ...doomed(folder, env) })));
  }

  get stack(): LocalStack {
    return this.#underLoad.stack;
  }

  get log(): LogFile {
    return this.#underLoad.log;
  }

  /** Which failpoints a service has passed so far, in the order of the first time: `before-append review ReviewOpened`. */
  passed(service: ServiceName): readonly string[] {
    const folder = this.stack.folders.path;
    const files = this.stack.replicas(service).map((_, replica) => passedFile(folder, service, replica));
    const lines = files
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'utf8').trimEnd());
    return [...new Set(lines.join('\n').split('\n'))].filter((line) => line !== '');
  }

  /** Of the first replica. */
  async order(service: ServiceName, order: Order): Promise<void> {
    await this.stack.service(service).order(order);
  }

  token(as: string): Promise<string> {
    return this.#underLoad.token(as);
  }

  async callers(): Promise<Callers> {
    const persons = PERSONS.map(async (id) => [id, await this.#underLoad.caller(`User::"${id}"`)] as const);
    return {
      agent: await this.#underLoad.caller(ETL_BOT),
      person: Object.fromEntries(await Promise.all(persons)) as Record<Person, Callers['agent']>,
    };
  }

  /** Etl-bot, as it is on NATS. */
  onNats(): Promise<OnNats> {
    return connectOnNats(this.#underLoad, ETL_BOT);
  }

  /** What must hold of the whole store, and of everything that clients were told. */
  assertWhole(ledger: Ledger, options: InvariantOptions = {}): void {
    const events = this.log.events();
    const lost = ledger.faults(events);
    if (lost.length > 0) throw new Error(lost.join('\n'));
    assertStoreInvariants(events, loadKeyRing(this.stack.folders.keys), options);
  }

  dispose(): Promise<void> {
    return this.#underLoad.dispose();
  }
}
