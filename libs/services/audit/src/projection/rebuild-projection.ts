import type { AuditRebuild } from '@countersign/contracts';
import { CodedError, hasCode } from '@countersign/kernel';
import type { Caller, ServiceContext } from '@countersign/service-host';
import { requireAuditor } from '../auditors.ts';
import type { Followed, LiveProjection } from './live-projection.ts';
import { rowCounts, rowsDigest, type RowCounts } from './rows-digest.ts';

type Dependencies = Pick<ServiceContext, 'policySets' | 'log'> & { readonly projection: LiveProjection };

const PROGRESS_EVERY = 100_000;

const shuttingDown = (cause?: unknown): CodedError =>
  new CodedError('shutting_down', 'This process is stopping; try again.', { cause });

const unreplayable = (cause?: unknown): CodedError =>
  new CodedError('projection_unavailable', 'The record can not be replayed; the process log says why.', {
    cause,
  });

const isFollowing = ({ follower }: Followed): boolean => follower.status().state === 'live';

const isSamePlace = (a: Followed, b: Followed): boolean =>
  isFollowing(a) && isFollowing(b) && a.follower.status().position === b.follower.status().position;

/** Where both were found at the same event. */
interface Place {
  readonly position: string | undefined;
  readonly events: number;
  /** Absent where the live one has stopped, or can't be read. */
  readonly live?: RowCounts | undefined;
  readonly fresh: RowCounts;
}

/**
 * Replays the whole log into a second projection, and compares the two row by row as they stood at the same
 * event. A live one that differs, or that had stopped, is replaced by the rebuilt one.
 */
export class RebuildProjection {
  readonly #with: Dependencies;
  #running: Promise<AuditRebuild> | undefined;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** Who asks while one is running gets the answer of that. `not_auditor`, `projection_unavailable`. */
  async rebuild(caller: Caller): Promise<AuditRebuild> {
    await requireAuditor(caller, this.#with.policySets);
    this.#running ??= this.#rebuild().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #rebuild(): Promise<AuditRebuild> {
    const { projection, log } = this.#with;
    const beganAt = performance.now();
    const fresh = projection.buildFresh();
    const stopReporting = this.#reportProgress(fresh);
    try {
      await this.#caughtUp(fresh);
      const replayedAt = performance.now();
      const place = await this.#samePlace(fresh);
      const compared = await this.#compare(fresh, place);
      const times = {
        replayMs: Math.round(replayedAt - beganAt),
        tookMs: Math.round(performance.now() - beganAt),
      };
      log.info('The audit projection was rebuilt and compared.', { ...compared, ...times });
      return { ...compared, ...times };
    } finally {
      stopReporting();
      await projection.dropFresh();
    }
  }

  async #caughtUp({ follower }: Followed): Promise<void> {
    try {
      await follower.caughtUp;
    } catch (cause) {
      if (hasCode(cause, 'follower_stopped')) throw shuttingDown(cause);
      throw unreplayable(cause);
    }
  }

  /** Both stand at the same event again and again, as they hear of the same appends. */
  async #samePlace(fresh: Followed): Promise<Place> {
    const { projection } = this.#with;
    const { promise, resolve, reject } = Promise.withResolvers<Place>();
    const look = (): void => {
      const { live } = projection;
      const { state, position, applied } = fresh.follower.status();
      if (state === 'stopped') return reject(shuttingDown());
      if (state === 'failed') return reject(unreplayable());
      const isLive = isSamePlace(live, fresh);
      if (!isLive && live.follower.status().state !== 'failed') return;
      const counts = { live: isLive ? this.#liveCounts() : undefined, fresh: rowCounts(fresh.view) };
      resolve({ position, events: applied, ...counts });
    };
    const stopLooking = projection.onMovedOn(look);
    look();
    return promise.finally(stopLooking);
  }

  #liveCounts(): RowCounts | undefined {
    try {
      return rowCounts(this.#with.projection.live.view);
    } catch (error) {
      return this.#unreadable(error);
    }
  }

  async #liveDigest(counts: RowCounts | undefined): Promise<string | undefined> {
    if (counts === undefined) return undefined;
    try {
      return await rowsDigest(this.#with.projection.live.view, counts);
    } catch (error) {
      return this.#unreadable(error);
    }
  }

  #unreadable(error: unknown): undefined {
    this.#with.log.warn('The live audit projection can not be read.', { error });
  }

  async #compare(fresh: Followed, place: Place): Promise<Omit<AuditRebuild, 'replayMs' | 'tookMs'>> {
    const { projection, log } = this.#with;
    const digest = await rowsDigest(fresh.view, place.fresh);
    const liveDigest = await this.#liveDigest(place.live);
    const equal = digest === liveDigest;
    if (!equal) {
      log.warn('The rebuilt audit projection takes the place of the live one.', { digest, liveDigest });
      await projection.promoteFresh();
    }
    return {
      equal,
      replaced: !equal,
      ...(place.position !== undefined && { asOf: place.position }),
      events: place.events,
      requests: place.fresh.request,
      digest,
      ...(liveDigest !== undefined && { liveDigest }),
    };
  }

  #reportProgress({ follower }: Followed): () => void {
    const { projection, log } = this.#with;
    let reported = 0;
    return projection.onMovedOn(() => {
      const { applied } = follower.status();
      if (applied - reported < PROGRESS_EVERY) return;
      reported = applied;
      log.info('The audit projection is being rebuilt.', { events: applied });
    });
  }
}
