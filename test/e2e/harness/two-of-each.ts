import type { ManagedProcess } from '@countersign/dev-stack';
import { streamName, type Category } from '@countersign/event-store';
import type { ServiceName } from '@countersign/kernel';
import { Journey, PERSONS, type Callers, type Person } from '../../faults/harness/journey.ts';
import { Ledger } from '../../faults/harness/ledger.ts';
import { SCENARIOS, type Scenario } from '../../faults/harness/scenarios.ts';
import { Seed } from '../../faults/harness/seed.ts';
import { connectOnNats, type OnNats } from '../../faults/harness/submit-on-nats.ts';
import { doomed } from '../../faults/kills/doomed.ts';
import { Load } from '../../faults/load/load.ts';
import { StackUnderLoad } from '../../faults/load/stack-under-load.ts';
import { ETL_BOT, type ActionParts } from './life-cycle.ts';

/** Twice what the proxy takes to look around. */
const COUNTERSIGN_DRAIN = '500ms';

/** Two replicas of each service, which take orders to die. */
export class TwoOfEach {
  readonly under: StackUnderLoad;
  readonly onNats: OnNats;
  readonly #callers: Callers;
  readonly #ledger = new Ledger();

  private constructor(under: StackUnderLoad, callers: Callers, onNats: OnNats) {
    this.under = under;
    this.#callers = callers;
    this.onNats = onNats;
  }

  static async start(): Promise<TwoOfEach> {
    const under = await StackUnderLoad.start((folder) => {
      const { env, ...roots } = doomed(folder);
      return {
        ...roots,
        replicas: 2,
        env: (service, replica) => ({ ...env?.(service, replica), COUNTERSIGN_DRAIN }),
      };
    });
    const persons = PERSONS.map(async (id) => [id, await under.caller(`User::"${id}"`)] as const);
    const callers = {
      agent: await under.caller(ETL_BOT),
      person: Object.fromEntries(await Promise.all(persons)) as Record<Person, Callers['agent']>,
    };
    return new TwoOfEach(under, callers, await connectOnNats(under, ETL_BOT));
  }

  replicas(service: ServiceName): readonly ManagedProcess[] {
    return this.under.stack.replicas(service);
  }

  async submit(body: ActionParts): Promise<Journey> {
    const journey = new Journey(this.#callers, this.#ledger);
    await journey.submit(body);
    return journey;
  }

  async approved(body: ActionParts): Promise<Journey> {
    const journey = await this.submit(body);
    await journey.until('pending');
    await journey.decide('alice');
    return journey;
  }

  /** A scenario to its end. */
  async play(name: string): Promise<Journey> {
    const scenario = SCENARIOS.find((each) => each.name === name);
    if (scenario === undefined) throw new Error(`There is no scenario "${name}".`);
    return this.#play(scenario);
  }

  /** Clients that play all scenarios, each as it likes. */
  load(clients: number): Promise<Load> {
    return Load.start({
      address: this.under.stack.address,
      token: (as) => this.under.token(as),
      seed: new Seed(11),
      scenarios: SCENARIOS,
      clients,
    });
  }

  /** How often an event of this type stands in the stream of the request. */
  standing(category: Category, requestId: string, type: string): number {
    const types = this.under.log.types(streamName(category, requestId));
    return types.filter((each) => each === type).length;
  }

  /** Of the whole log, and of everything that anybody was told. */
  assertWhole({ ledger }: Pick<Load, 'ledger'>): void {
    const events = this.under.log.events();
    const lost = [...this.#ledger.faults(events), ...ledger.faults(events)];
    if (lost.length > 0) throw new Error(lost.join('\n'));
    this.under.assertWhole();
  }

  async dispose(): Promise<void> {
    await this.onNats.connection.close();
    await this.under.dispose();
  }

  async #play({ play, ends }: Scenario): Promise<Journey> {
    const journey = new Journey(this.#callers, this.#ledger);
    await play(journey);
    await journey.until(...ends);
    return journey;
  }
}
