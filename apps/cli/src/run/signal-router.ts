const ROUTED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
export type RoutedSignal = (typeof ROUTED)[number];

/** Takes the signals that would end this process and hands them to whoever is in charge at the moment. */
export class SignalRouter {
  #handle: (signal: RoutedSignal) => void;
  readonly #listener = (signal: RoutedSignal): void => this.#handle(signal);

  constructor(handle: (signal: RoutedSignal) => void) {
    this.#handle = handle;
    for (const signal of ROUTED) process.on(signal, this.#listener);
  }

  handOver(handle: (signal: RoutedSignal) => void): void {
    this.#handle = handle;
  }

  close(): void {
    for (const signal of ROUTED) process.off(signal, this.#listener);
  }
}
