import { setTimeout as delay } from 'node:timers/promises';
import { Journey, PERSONS, type Callers, type Person } from '../harness/journey.ts';
import { Ledger } from '../harness/ledger.ts';
import { PersistentCaller, type Answer } from '../harness/persistent-caller.ts';
import type { Scenario } from '../harness/scenarios.ts';
import type { Seed } from '../harness/seed.ts';

export interface LoadOptions {
  readonly address: string;
  /** A token of somebody, in Cedar's notation, that outlives the run. */
  readonly token: (as: string) => Promise<string>;
  readonly seed: Seed;
  readonly scenarios: readonly Scenario[];
  readonly clients: number;
}

/** No call and no life is stuck as long as this, whatever goes wrong and however busy the machine is. */
const PATIENCE_MS = 120_000;
const MOST_PAUSE_MS = 200;

/** Some clients that play one scenario after the other until they are told to stop, whatever goes wrong. */
export class Load {
  readonly ledger = new Ledger();
  readonly #unsettled = new Map<string, number>();
  readonly #lived = new Map<string, number>();
  readonly #failures: unknown[] = [];
  readonly #stopping = new AbortController();
  #clients: Promise<unknown> = Promise.resolve();

  private constructor() {}

  static async start(options: LoadOptions): Promise<Load> {
    const load = new Load();
    const callers = await load.#callers(options);
    load.#clients = Promise.all(
      Array.from({ length: options.clients }, (_, at) =>
        load.#client(callers, options.scenarios, options.seed.fork(`client ${at}`)),
      ),
    );
    return load;
  }

  /** How many requests have come to their ends. */
  get lives(): number {
    return [...this.#lived.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How often an answer settled nothing, by status and code. */
  get unsettled(): ReadonlyMap<string, number> {
    return this.#unsettled;
  }

  /** Resolves when so many more requests have come to their ends; rejects when one came to a wrong one. */
  async more(lives: number): Promise<void> {
    const wanted = this.lives + lives;
    while (this.lives < wanted) {
      this.#throwIfFailed();
      await delay(20);
    }
  }

  /** Every request that was begun comes to its end; one that came to a wrong end is an error. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#clients;
    this.#throwIfFailed();
  }

  /** After a failure that stands elsewhere: nothing new is begun, and nothing waited for. */
  abandon(): void {
    this.#stopping.abort();
    this.#clients.catch(() => undefined);
  }

  /** `37 lives (denied 9, …); unsettled: 503 store_unavailable 12, …` */
  toString(): string {
    const list = (counts: ReadonlyMap<string, number>): string =>
      [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
    return `${this.lives} lives (${list(this.#lived)}); unsettled: ${list(this.#unsettled) || 'none'}`;
  }

  #throwIfFailed(): void {
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, String(this.#failures[0]));
  }

  async #callers({ address, token }: LoadOptions): Promise<Callers> {
    const as = async (who: string): Promise<PersistentCaller> =>
      new PersistentCaller({
        address,
        token: await token(who),
        patienceMs: PATIENCE_MS,
        onRepeat: ({ status, code }: Answer) => this.#count(`${status} ${code}`.trimEnd()),
      });
    const persons = PERSONS.map(async (id) => [id, await as(`User::"${id}"`)] as const);
    return {
      agent: await as('Agent::"etl-bot"'),
      person: Object.fromEntries(await Promise.all(persons)) as Record<Person, PersistentCaller>,
    };
  }

  #count(what: string): void {
    this.#unsettled.set(what, (this.#unsettled.get(what) ?? 0) + 1);
  }

  async #client(callers: Callers, scenarios: readonly Scenario[], seed: Seed): Promise<void> {
    while (!this.#stopping.signal.aborted && this.#failures.length === 0) {
      const { name, ends, play } = seed.pick(scenarios);
      try {
        const journey = new Journey(callers, this.ledger);
        await play(journey);
        await journey.until(...ends);
        this.#lived.set(name, (this.#lived.get(name) ?? 0) + 1);
      } catch (error) {
        this.#failures.push(new Error(`"${name}" failed: ${String(error)}`, { cause: error }));
      }
      await delay(seed.between(0, MOST_PAUSE_MS));
    }
  }
}
