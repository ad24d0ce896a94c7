import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { auditRequestsPage } from '@countersign/contracts';
import { LocalStack, type StackOptions } from '@countersign/dev-stack';
import { isTerminal, type RequestStatus } from '@countersign/domain-thread';
import { parseStreamName } from '@countersign/event-store';
import { parseEntity } from '@countersign/kernel';
import { loadKeyRing, mintDevelopmentToken } from '@countersign/keys-file';
import { ACME } from '../../e2e/harness/countersign.ts';
import { assertStoreInvariants } from '../../e2e/harness/invariants.ts';
import { LogFile } from '../../e2e/harness/log-file.ts';
import { PersistentCaller } from '../harness/persistent-caller.ts';
import type { FaultRun } from '../harness/run.ts';
import { addScenarioPolicies, SCENARIOS, type Scenario } from '../harness/scenarios.ts';
import { Load } from './load.ts';

const TOKEN_MS = 8 * 3_600_000;
const PATIENCE_MS = 60_000;
/** How long after its time what is due may stand undone, on a machine that is busy restarting processes. */
const MAX_OVERDUE_MS = 20_000;

type FurtherOptions = Partial<Omit<StackOptions, 'folder' | 'policies'>>;

export interface LoadSettings {
  readonly clients?: number;
  readonly scenarios?: readonly Scenario[];
}

/** The five services apart, and what is asked of them while something else injects faults and after it. */
export class StackUnderLoad {
  readonly stack: LocalStack;
  readonly log: LogFile;
  readonly #folder: string;
  #load: Load | undefined;
  #loads = 0;

  private constructor(folder: string, stack: LocalStack) {
    this.#folder = folder;
    this.stack = stack;
    this.log = new LogFile(stack.folders.path);
  }

  /** `further` is told the stack's own folder, `editPolicies` that of its policies. */
  static async start(
    further: (folder: string) => Promise<FurtherOptions> | FurtherOptions,
    editPolicies: (folder: string) => void = () => undefined,
  ): Promise<StackUnderLoad> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-faults-'));
    const [policies, own] = [join(folder, 'policies'), join(folder, 'stack')];
    cpSync(ACME, policies, { recursive: true });
    addScenarioPolicies(policies);
    editPolicies(policies);
    const stack = await LocalStack.start({ ...(await further(own)), folder: own, policies });
    return new StackUnderLoad(folder, stack);
  }

  token(as: string): Promise<string> {
    const identity = { as: parseEntity(as), ttlMs: TOKEN_MS };
    return mintDevelopmentToken(this.stack.folders.path, identity, Date.now());
  }

  async caller(as: string): Promise<PersistentCaller> {
    const { address } = this.stack;
    return new PersistentCaller({ address, token: await this.token(as), patienceMs: PATIENCE_MS });
  }

  /** Clients begin, and go on until it is settled. */
  async load({ seed }: FaultRun, { clients = 3, scenarios = SCENARIOS }: LoadSettings = {}): Promise<Load> {
    this.#load = await Load.start({
      address: this.stack.address,
      token: (as) => this.token(as),
      seed: seed.fork(`load ${(this.#loads += 1)}`),
      scenarios,
      clients,
    });
    return this.#load;
  }

  /**
   * With all faults over: it becomes ready by itself, every request comes to its end, and then everything holds
   * that must.
   */
  async settle({ tell }: Pick<FaultRun, 'tell'>): Promise<void> {
    const load = this.#load;
    if (load === undefined) throw new Error('There is no load.');
    await this.stack.whenReady();
    await load.more(1);
    await load.stop();
    tell(load.toString());
    await this.#untilAuditTellsAll();
    await this.#untilNoCardIsHalfDone();
    this.assertWhole();
  }

  /** Of the whole log, and of everything that clients were told. */
  assertWhole(): void {
    const events = this.log.events();
    const lost = this.#load?.ledger.faults(events) ?? [];
    if (lost.length > 0) throw new Error(lost.join('\n'));
    assertStoreInvariants(events, loadKeyRing(this.stack.folders.keys), { maxOverdueMs: MAX_OVERDUE_MS });
  }

  async dispose(): Promise<void> {
    this.#load?.abandon();
    await this.stack.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A view that met faults has all that stands in the log, in the end. */
  async #untilAuditTellsAll(): Promise<void> {
    const auditor = await this.caller('User::"dave"');
    await until('audit lists every request, at its end', async () => {
      const listed = await listing(auditor);
      const asked = this.log.events().filter(({ type }) => type === 'ActionRequested');
      return asked.every(({ stream }) => isTerminal(listed.get(parseStreamName(stream).id) ?? 'received'));
    });
  }

  #untilNoCardIsHalfDone(): Promise<void> {
    return until('no card is left at an attempt', () => {
      const streams = [...Map.groupBy(this.log.events(), ({ stream }) => stream)];
      const cards = streams.filter(([stream]) => parseStreamName(stream).category === 'delivery');
      return cards.every(([, events]) => events.at(-1)?.type !== 'NotificationAttempted');
    });
  }
}

const listing = async (auditor: PersistentCaller): Promise<ReadonlyMap<string, RequestStatus>> => {
  const listed = new Map<string, RequestStatus>();
  for (let cursor = ''; ;) {
    const { json } = await auditor.get(`/v1/audit/requests?limit=500${cursor}`);
    const { requests, nextCursor } = auditRequestsPage.parse(json);
    for (const { id, status } of requests) listed.set(id, status);
    if (nextCursor === undefined) return listed;
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
  }
};

const until = async (what: string, holds: () => Promise<boolean> | boolean): Promise<void> => {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`It never came to hold: ${what}.`);
    await delay(100);
  }
};
