import type { FailpointName } from './failpoint-table.ts';

/** Acts at a failpoint: returns to let it pass, throws to fail there, or never comes back. */
export type FailpointAction = () => void | Promise<void>;

interface Armed {
  readonly when: (subject: string) => boolean;
  readonly action: FailpointAction;
  times: number;
}

export interface ArmOptions {
  /** Which subjects it is for; all unless told. A subject of an append is `<stream> <event type> <event type>…`. */
  readonly when?: (subject: string) => boolean;
  /** How often it acts; once unless told. */
  readonly times?: number;
}

export type FailpointWatcher = (name: FailpointName, subject: string) => void;

/** Named places where a test lets things go wrong. Nothing is armed by itself. */
export class Failpoints {
  readonly #armed = new Map<string, Armed[]>();
  #watcher: FailpointWatcher = () => undefined;

  arm(name: FailpointName, action: FailpointAction, { when = () => true, times = 1 }: ArmOptions = {}): void {
    this.#armed.set(name, [...(this.#armed.get(name) ?? []), { when, action, times }]);
  }

  disarm(): void {
    this.#armed.clear();
  }

  /** Is told of each place that is passed, armed or not. */
  watch(watcher: FailpointWatcher): void {
    this.#watcher = watcher;
  }

  /** Called by a decorator when it passes the place. What is armed acts before this returns its promise. */
  async reach(name: FailpointName, subject: string): Promise<void> {
    this.#watcher(name, subject);
    const armed = this.#armed.get(name)?.find((each) => each.times > 0 && each.when(subject));
    if (armed === undefined) return;
    armed.times -= 1;
    await armed.action();
  }

  /**
   * For a place that nobody waits at, once what was written before has left the process. An action that fails
   * there fails nobody: it is an error that nobody caught.
   */
  reachSoon(name: FailpointName, subject: string): void {
    setImmediate(() => void this.reach(name, subject));
  }
}

const IDS = /[-.][0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const DAYS = /-\d{4}-\d{2}-\d{2}\b/g;

/** A subject without the ids of requests, and without days: the same place for every request on every day. */
export const placeOf = (subject: string): string => subject.replaceAll(IDS, '').replaceAll(DAYS, '');

export const failWith =
  (error: Error): FailpointAction =>
  () => {
    throw error;
  };

/** Dies as by `kill -9`: nothing of the process runs after it. */
export const killProcess: FailpointAction = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

/** Waits until it is let go, and tells when somebody waits. */
export const holdOpen = (): { action: FailpointAction; reached: Promise<void>; release: () => void } => {
  const gate = Promise.withResolvers<void>();
  const arrival = Promise.withResolvers<void>();
  const action = (): Promise<void> => {
    arrival.resolve();
    return gate.promise;
  };
  return { action, reached: arrival.promise, release: gate.resolve };
};
