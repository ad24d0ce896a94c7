import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { REAUTHORIZE } from '@countersign/contracts';
import type { EventStore } from '@countersign/event-store';
import type { Json } from '@countersign/kernel';
import type { PolicyFile } from '@countersign/policy-engine';
import { composeGrants } from '@countersign/service-credentials';
import { openKeys, type Caller, type NamedKeys } from '@countersign/service-host';
import { composeReviews } from '@countersign/service-policy';
import { World } from '@countersign/service-testing';
import { HeldStore } from './held-store.ts';
import { BOT, INITIATOR, type Scenario } from './scenario.ts';
import { forbiddingFiles, permittingFiles } from './scenario-policies.ts';

/** Policy and credentials of one replica, behind a store that holds their appends. */
export interface Seat extends ReturnType<typeof composeReplica> {
  readonly store: HeldStore;
}

const composeReplica = ({ world, keys }: Pick<UseCaseWorld, 'world' | 'keys'>, store: EventStore) => {
  const policy = composeReviews(world.context('policy', store));
  const request = (natsSubject: string, message: Json): Promise<Json> => {
    if (natsSubject !== REAUTHORIZE.natsSubject) throw new Error(`Nobody serves ${natsSubject}.`);
    return policy.reauthorize.ask(REAUTHORIZE.payload.parse(message).requestId);
  };
  const bus = { ring: () => undefined, hear: () => () => Promise.resolve(), connected: true, request };
  return { policy, credentials: composeGrants({ ...world.context('credentials', store), keys, bus }) };
};

/** A world with the scenario's rules in force; traces follow each other in it, each with a request of its own. */
export class UseCaseWorld {
  readonly world: World;
  readonly keys: NamedKeys;
  readonly #permitting: readonly PolicyFile[];
  readonly #forbidding: readonly PolicyFile[];
  #lapsed = true;
  readonly #seats: [Seat | undefined, Seat | undefined] = [undefined, undefined];
  /** Holds nothing. */
  readonly bystander: ReturnType<typeof composeReplica>;

  private constructor(keys: NamedKeys, permitting: readonly PolicyFile[], forbidding: readonly PolicyFile[]) {
    this.world = new World();
    this.keys = keys;
    this.#permitting = permitting;
    this.#forbidding = forbidding;
    this.bystander = composeReplica(this, this.world.store);
  }

  static async of(scenario: Scenario, folder: string): Promise<UseCaseWorld> {
    const keys = join(mkdtempSync(join(folder, 'keys-')), 'private');
    const opened = openKeys({ folder: keys, publicFolder: join(keys, 'public') }, ['credentials']);
    return new UseCaseWorld(opened.keys, await permittingFiles(scenario), await forbiddingFiles(scenario));
  }

  async lapse(lapsed: boolean): Promise<void> {
    if (lapsed === this.#lapsed) return;
    this.#lapsed = lapsed;
    await this.world.activate(lapsed ? this.#forbidding : this.#permitting);
  }

  /** A caller as a verified token would name it; the bot's names who started it. */
  caller(id: string): Promise<Caller> {
    return id === BOT
      ? this.world.caller(`Agent::"${BOT}"`, `User::"${INITIATOR}"`)
      : this.world.caller(`User::"${id}"`);
  }

  seat(replica: 0 | 1): Seat {
    return (this.#seats[replica] ??= this.#newSeat());
  }

  /** Whatever it had in hand or remembered is gone. */
  crash(replica: 0 | 1): void {
    this.#seats[replica] = undefined;
  }

  #newSeat(): Seat {
    const store = new HeldStore(this.world.store);
    return { store, ...composeReplica(this, store) };
  }
}
