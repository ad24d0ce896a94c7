import type { RecordedEvent } from '@countersign/event-store';
import { Follower, replaceView, removeView, View, type ViewStatements } from '@countersign/follower';
import { CodedError, codeOf } from '@countersign/kernel';
import {
  followerUnready,
  projectionLagS,
  type LifecycleParticipant,
  type ServiceContext,
  type Unready,
} from '@countersign/service-host';
import { AUDIT_PROJECTION } from './audit-projection.ts';
import { SignatureWatch } from './signature-watch.ts';
import { traceProjected } from './trace-projected.ts';

/** Troubles that pass: the follower tries again, or begins anew. */
const PASSING: ReadonlySet<string> = new Set(['store_unavailable', 'view_unavailable', 'unknown_position']);

/** A projection and who keeps it up to date. */
export interface Followed {
  readonly view: View;
  readonly follower: Follower;
}

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'clock' | 'telemetry' | 'log' | 'viewPath'>;

const end = async ({ follower, view }: Followed): Promise<void> => {
  await follower.stop();
  view.close();
};

/**
 * The projection that queries are answered from, and at times a second one that is built to be compared with
 * it. Where it can't follow the log, audit stops: it answers nothing, is unready, and raises the alarm.
 */
export class LiveProjection implements LifecycleParticipant {
  readonly name = 'audit projection';
  readonly #with: Dependencies;
  readonly #watch: SignatureWatch;
  #isWatching: boolean;
  #live: Followed;
  #fresh: Followed | undefined;
  #stopped = false;
  readonly #movedOn = new Set<() => void>();

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    this.#watch = new SignatureWatch(dependencies);
    this.#live = this.#follow(this.#path);
    this.#isWatching = holdsAnything(this.#live.view);
  }

  start(): void {
    const { telemetry, clock } = this.#with;
    telemetry.metrics.projectionLag(() => projectionLagS(this.#live.follower, clock), {
      service: 'audit',
      view: AUDIT_PROJECTION.name,
    });
    this.#live.follower.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.dropFresh();
    await end(this.#live);
    await this.#watch.idle;
  }

  ready(): Unready {
    return followerUnready(this.#live.follower);
  }

  get live(): Followed {
    return this.#live;
  }

  /** `projection_unavailable` unless it is up to date: half a record would look like a whole one. */
  read(): ViewStatements {
    const why = followerUnready(this.#live.follower);
    if (why === undefined) return this.#live.view;
    throw new CodedError('projection_unavailable', `Audit answers nothing now. ${why}`);
  }

  /** Calls back whenever either one has moved on or ended; returns how to end that. */
  onMovedOn(listener: () => void): () => void {
    this.#movedOn.add(listener);
    return () => this.#movedOn.delete(listener);
  }

  /** Begins a second one from the log's start, beside the live one. */
  buildFresh(): Followed {
    this.#requireRunning();
    removeView(this.#freshPath);
    const fresh = this.#follow(this.#freshPath);
    this.#fresh = fresh;
    fresh.follower.start();
    return fresh;
  }

  async dropFresh(): Promise<void> {
    const fresh = this.#fresh;
    this.#fresh = undefined;
    if (fresh === undefined) return;
    await end(fresh);
    this.#tellMovedOn();
    removeView(this.#freshPath);
  }

  /** Puts the fresh one in the live one's place; in between nothing is answered. */
  async promoteFresh(): Promise<void> {
    this.#requireRunning();
    const fresh = this.#fresh;
    if (fresh === undefined) return;
    await end(this.#live);
    await end(fresh);
    this.#fresh = undefined;
    replaceView(this.#path, this.#freshPath);
    this.#requireRunning();
    this.#live = this.#follow(this.#path);
    this.#live.follower.start();
    await this.#live.follower.caughtUp;
  }

  get #path(): string {
    return this.#with.viewPath(AUDIT_PROJECTION.name);
  }

  get #freshPath(): string {
    return this.#with.viewPath(`${AUDIT_PROJECTION.name}-rebuild`);
  }

  #requireRunning(): void {
    if (this.#stopped) throw new CodedError('shutting_down', 'This process is stopping; try again.');
  }

  #follow(path: string): Followed {
    const view = new View(path, AUDIT_PROJECTION);
    const follower = new Follower({
      store: this.#with.store,
      projection: AUDIT_PROJECTION,
      view,
      onApplied: (events) => this.#onApplied(view, events),
      onProblem: (error) => this.#onProblem(error),
    });
    return { view, follower };
  }

  /**
   * History is no news: only what is applied as it comes belongs to its request's trace. Signatures are looked at
   * from where this view once stood, so that nothing slips in while audit is away; a view that begins anew reads
   * the log's history without.
   */
  #onApplied(view: View, events: readonly RecordedEvent[]): void {
    const isLive = this.#live.view === view;
    const isNews = isLive && this.#live.follower.status().state === 'live';
    if (isNews) traceProjected(this.#with.telemetry, events);
    this.#isWatching ||= isNews;
    if (isLive && this.#isWatching) this.#watch.look(events);
    this.#tellMovedOn();
  }

  #tellMovedOn(): void {
    for (const tell of this.#movedOn) tell();
  }

  #onProblem(error: unknown): void {
    // Whether it was the end stands in the follower's status right after this call.
    queueMicrotask(() => this.#tellMovedOn());
    const { telemetry, log } = this.#with;
    const code = codeOf(error) ?? 'internal_error';
    if (PASSING.has(code)) {
      log.warn('The audit projection has trouble following the log; it tries again.', { code, error });
      return;
    }
    telemetry.metrics.alarms.add(1, { code });
    log.error('ALARM: audit stops, because it can not follow the log.', { code, error });
  }
}

const holdsAnything = (view: ViewStatements): boolean =>
  view.all('SELECT seq FROM request LIMIT 1').length > 0;
