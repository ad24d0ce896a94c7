import type { StopHearing } from '@countersign/bus';
import { parseStreamName, type Category, type RecordedEvent } from '@countersign/event-store';
import { DueWork, Follower, View, type Projection, type ViewStatements } from '@countersign/follower';
import type { ServiceContext } from '../service-context.ts';
import { followerUnready, projectionLagS } from './follower-health.ts';

export interface DueWorkPart {
  /** Names the view's file, the readiness check and the metrics. */
  readonly name: string;
  readonly projection: Projection;
  /** Ids that are due now, oldest first; a query with a limit. */
  readonly due: (view: ViewStatements, nowMs: number) => readonly string[];
  /** Does what the item needs, if it still needs it: any replica may have been faster. */
  readonly ensure: (id: string, view: ViewStatements) => Promise<void>;
  /** A doorbell of these categories nudges the id of its stream, at one replica. */
  readonly hears: readonly Category[];
  /** Whether a look leaves what is new to the replica that the doorbell told, until the next; `due` may do that itself. */
  readonly leavesNewsToHearer?: boolean;
  /** Milliseconds for which a doorbell of this type waits for others of its item; absent: for none. */
  readonly gatherMs?: (type: string) => number;
  /** Milliseconds between two looks; 1,000 unless told. */
  readonly everyMs?: number;
  /** Items in hand at once; 8 unless told. */
  readonly concurrency?: number;
  /** Whether `due` is done in the order that it gives; else each replica begins at a place of its own. */
  readonly inOrder?: boolean;
  /** After the view was moved on by these events. It must not throw. */
  readonly onApplied?: (events: readonly RecordedEvent[]) => void;
}

export interface StartedDueWork {
  readonly view: ViewStatements;
  /** Runs this item at once, for a cause that no doorbell tells. */
  nudge(id: string): void;
}

export type DueWorkContext = Pick<
  ServiceContext,
  'service' | 'store' | 'bus' | 'clock' | 'telemetry' | 'log' | 'lifecycle' | 'viewPath'
>;

/**
 * A view with the work that is due by it, as a part of the process: followed from the start, looked at every
 * second and at each doorbell, ready when the view is live, stopped when what is in hand is done.
 */
export const startDueWork = (context: DueWorkContext, part: DueWorkPart): StartedDueWork => {
  const { lifecycle, telemetry, service } = context;
  const view = new View(context.viewPath(part.name), part.projection);
  const work = createWork(context, part, view);
  const follower = createFollower(context, part, view);
  const stopHearing: StopHearing[] = [];
  const labels = { service, work: part.name };
  telemetry.metrics.overdueWork(() => work.status().overdue, labels);
  telemetry.metrics.projectionLag(() => projectionLagS(follower, context.clock), {
    service,
    view: part.name,
  });
  lifecycle.add({
    name: `${service} ${part.name}`,
    start: () => {
      follower.start();
      stopHearing.push(...hear(context, part, work));
      // A follower that fails says so by `ready`.
      follower.caughtUp.then(() => work.start()).catch(() => undefined);
    },
    stop: async () => {
      await Promise.all(stopHearing.map((stop) => stop()));
      await follower.stop();
      await work.stop();
      view.close();
    },
    ready: () => followerUnready(follower),
  });
  return { view, nudge: (id) => work.nudge(id) };
};

const createWork = (
  { clock, log }: DueWorkContext,
  { name, due, ensure, leavesNewsToHearer = false, everyMs, concurrency, inOrder = false }: DueWorkPart,
  view: View,
): DueWork =>
  new DueWork({
    due: () => due(view, clock.nowMs()),
    ensure: async (id) => ensure(id, view),
    clock,
    leavesNewsToHearer,
    ...(everyMs !== undefined && { everyMs }),
    ...(concurrency !== undefined && { concurrency }),
    ...(inOrder && { place: 0 }),
    onError: (error, id) =>
      log.error('Work that is due failed; it is tried again.', { work: name, id, error }),
  });

const createFollower = (
  { store, log }: DueWorkContext,
  { name, projection, onApplied }: DueWorkPart,
  view: View,
): Follower =>
  new Follower({
    store,
    projection,
    view,
    ...(onApplied === undefined ? {} : { onApplied }),
    onProblem: (error) => log.error('A view could not follow the log.', { view: name, error }),
  });

/** An event that the view makes nothing of makes nothing due: where a doorbell tells of one, it is left alone. */
const hear = (
  { bus, service }: DueWorkContext,
  { hears, name, projection, gatherMs }: DueWorkPart,
  work: DueWork,
): StopHearing[] =>
  hears.map((category) =>
    bus.hear({ category, queue: `${service}-${name}` }, ({ stream, type }) => {
      if (projection.types.includes(type)) work.nudge(parseStreamName(stream).id, gatherMs?.(type));
    }),
  );
