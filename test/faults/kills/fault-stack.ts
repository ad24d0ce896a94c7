import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readNkeySeed } from '@countersign/bus-nats';
import { requesterNatsToken } from '@countersign/contracts';
import { LocalStack } from '@countersign/dev-stack';
import { parseEntity, SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { loadKeyRing, mintDevelopmentToken } from '@countersign/keys-file';
import { connect, nkeyAuthenticator } from '@nats-io/transport-node';
import { ACME } from '../../e2e/harness/countersign.ts';
import { assertStoreInvariants, type InvariantOptions } from '../../e2e/harness/invariants.ts';
import { ETL_BOT } from '../../e2e/harness/life-cycle.ts';
import { LogFile } from '../../e2e/harness/log-file.ts';
import type { BadLuck, Order } from '../../e2e/roots/orders.ts';
import { PERSONS, type Callers, type Person } from '../harness/journey.ts';
import type { Ledger } from '../harness/ledger.ts';
import { PersistentCaller, type Answer } from '../harness/persistent-caller.ts';
import { addScenarioPolicies } from '../harness/scenarios.ts';
import type { OnNats } from '../harness/submit-on-nats.ts';

const ROOT = fileURLToPath(new URL('../../e2e/roots/service-with-bad-luck.ts', import.meta.url));
const TOKEN_MS = 4 * 3_600_000;
/** Longer than anything may take on a machine that is busy restarting processes. */
export const PATIENCE_MS = 120_000;

/** The five services apart, each with failpoints, on a NATS server and an event store of their own. */
export class FaultStack {
  readonly stack: LocalStack;
  readonly log: LogFile;
  readonly #folder: string;

  private constructor(folder: string, stack: LocalStack) {
    this.#folder = folder;
    this.stack = stack;
    this.log = new LogFile(stack.folders.path);
  }

  static async start({ replicas = 1 } = {}): Promise<FaultStack> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-faults-'));
    const policies = join(folder, 'policies');
    cpSync(ACME, policies, { recursive: true });
    addScenarioPolicies(policies);
    const env = (service: ServiceName, replica: number): Record<string, string> => {
      const luck: BadLuck = { TEST_SERVICE: service, TEST_PASSED_FILE: passedFile(folder, service, replica) };
      return { ...luck };
    };
    const stack = await LocalStack.start({
      folder: join(folder, 'stack'),
      policies,
      replicas,
      mains: Object.fromEntries(SERVICE_NAMES.map((service) => [service, ROOT])),
      takesOrders: true,
      env,
    });
    return new FaultStack(folder, stack);
  }

  /** Which failpoints a service has passed so far, in the order of the first time: `before-append review ReviewOpened`. */
  passed(service: ServiceName): readonly string[] {
    const files = this.stack
      .replicas(service)
      .map((_, replica) => passedFile(this.#folder, service, replica));
    const lines = files
      .filter((file) => existsSync(file))
      .flatMap((file) => readFileSync(file, 'utf8').split('\n'));
    return [...new Set(lines.filter((line) => line !== ''))];
  }

  async order(service: ServiceName, order: Order): Promise<void> {
    await this.stack.service(service).order(order);
  }

  async callers(onRepeat: (answer: Answer) => void = () => undefined): Promise<Callers> {
    const as = async (who: string): Promise<PersistentCaller> =>
      new PersistentCaller({
        address: this.stack.address,
        token: await this.token(who),
        patienceMs: PATIENCE_MS,
        onRepeat,
      });
    const persons = PERSONS.map(async (id) => [id, await as(`User::"${id}"`)] as const);
    return {
      agent: await as(ETL_BOT),
      person: Object.fromEntries(await Promise.all(persons)) as Record<Person, PersistentCaller>,
    };
  }

  token(as: string): Promise<string> {
    return mintDevelopmentToken(
      this.stack.folders.path,
      { as: parseEntity(as), ttlMs: TOKEN_MS },
      Date.now(),
    );
  }

  /** Etl-bot, as it is on NATS. */
  async onNats(): Promise<OnNats> {
    const token = requesterNatsToken(parseEntity(ETL_BOT));
    const seed = readNkeySeed(join(this.stack.folders.nats, 'access', 'requesters', `${token}.nk`));
    const connection = await connect({
      servers: this.stack.natsUrl,
      authenticator: nkeyAuthenticator(seed),
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    return { connection, token, bearer: await this.token(ETL_BOT), patienceMs: PATIENCE_MS };
  }

  /** What must hold of the whole store, and of everything that clients were told. */
  assertWhole(ledger: Ledger, options: InvariantOptions = {}): void {
    const events = this.log.events();
    const faults = ledger.faults(events);
    if (faults.length > 0) throw new Error(faults.join('\n'));
    assertStoreInvariants(events, loadKeyRing(this.stack.folders.keys), options);
  }

  async dispose(): Promise<boolean> {
    const clean = await this.stack.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    return clean;
  }
}

const passedFile = (folder: string, service: ServiceName, replica: number): string =>
  join(folder, `passed-${service}-${replica}`);
