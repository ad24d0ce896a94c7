/** Acts at a failpoint: returns to let it pass, throws to fail there, or never comes back. */
export type FailpointAction = () => void | Promise<void>;

interface Armed {
  readonly when: (subject: string) => boolean;
  readonly action: FailpointAction;
  times: number;
}

export interface ArmOptions {
  /** Which subjects it is for; all unless told. A subject is `<stream> <event type> <event type>…`. */
  readonly when?: (subject: string) => boolean;
  /** How often it acts; once unless told. */
  readonly times?: number;
}

/** Named places where a test lets things go wrong. Nothing is armed by itself. */
export class Failpoints {
  readonly #armed = new Map<string, Armed[]>();

  arm(name: string, action: FailpointAction, { when = () => true, times = 1 }: ArmOptions = {}): void {
    this.#armed.set(name, [...(this.#armed.get(name) ?? []), { when, action, times }]);
  }

  disarm(): void {
    this.#armed.clear();
  }

  /** Called by a decorator when it passes the place. */
  async reach(name: string, subject: string): Promise<void> {
    const armed = this.#armed.get(name)?.find((each) => each.times > 0 && each.when(subject));
    if (armed === undefined) return;
    armed.times -= 1;
    await armed.action();
  }
}

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
