import { setTimeout as delay } from 'node:timers/promises';
import type { Seed } from '../harness/seed.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { Journey, LIVES, type Cast, type LifeName } from './journey.ts';
import { PatientApi } from './patient-api.ts';

export interface LoadOptions {
  readonly address: () => string;
  /** A token of somebody, in Cedar's notation, that outlives the run. */
  readonly token: (as: string) => Promise<string>;
  readonly seed: Seed;
  readonly clients: number;
  /** Between two lives of one client, at most. */
  readonly mostPauseMs?: number;
}

/** Some clients that run one request's life after the other until they are told to stop, whatever goes wrong. */
export class Load {
  readonly acknowledgements = new Acknowledgements();
  readonly #unsettled = new Map<string, number>();
  readonly #lived = new Map<LifeName, number>();
  readonly #failures: unknown[] = [];
  readonly #stopping = new AbortController();
  #clients: Promise<unknown> = Promise.resolve();

  private constructor() {}

  static async start(options: LoadOptions): Promise<Load> {
    const load = new Load();
    const cast = await load.#cast(options);
    load.#clients = Promise.all(
      Array.from({ length: options.clients }, (_, at) =>
        load.#client(cast, options.seed.fork(`client ${at}`), options.mostPauseMs ?? 200),
      ),
    );
    return load;
  }

  /** How many requests have come to their ends. */
  get lives(): number {
    return [...this.#lived.values()].reduce((sum, count) => sum + count, 0);
  }

  /** How often a try wasn't settled, by what it met. */
  get unsettled(): ReadonlyMap<string, number> {
    return this.#unsettled;
  }

  /** Resolves when so many more requests have come to their ends; rejects at once when one came to a wrong one. */
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

  /** `37 lives (approved 9, …); unsettled: 503 store_unavailable 12, …` */
  toString(): string {
    const list = (counts: ReadonlyMap<string, number>): string =>
      [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
    return `${this.lives} lives (${list(this.#lived)}); unsettled: ${list(this.#unsettled) || 'none'}`;
  }

  #throwIfFailed(): void {
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, String(this.#failures[0]));
  }

  async #cast({ address, token }: LoadOptions): Promise<Cast> {
    const as = async (who: string): Promise<PatientApi> =>
      new PatientApi({ address, token: await token(who), onUnsettled: (what) => this.#count(what) });
    return {
      requester: await as('Agent::"etl-bot"'),
      owner: await as('User::"carol"'),
      alice: await as('User::"alice"'),
      bob: await as('User::"bob"'),
      acknowledgements: this.acknowledgements,
    };
  }

  #count(what: string): void {
    this.#unsettled.set(what, (this.#unsettled.get(what) ?? 0) + 1);
  }

  async #client(cast: Cast, seed: Seed, mostPauseMs: number): Promise<void> {
    const names = Object.keys(LIVES) as LifeName[];
    while (!this.#stopping.signal.aborted && this.#failures.length === 0) {
      const name = seed.pick(names);
      try {
        await LIVES[name](new Journey(cast));
        this.#lived.set(name, (this.#lived.get(name) ?? 0) + 1);
      } catch (error) {
        this.#failures.push(
          new Error(`A request that was to be ${name} wasn't: ${String(error)}`, { cause: error }),
        );
      }
      await delay(seed.between(0, mostPauseMs));
    }
  }
}
