import type { Terminal } from '../terminal.ts';

const ERASE_LINE = '\r\u001B[2K';
const ON_TERMINAL_MS = 200;
const ELSEWHERE_MS = 5_000;

/** Says on stderr how far it is: one line kept up to date on a terminal, a line every five seconds elsewhere. */
export class EventCount {
  readonly #terminal: Terminal;
  readonly #doing: string;
  #toldMs = performance.now();
  #open = false;

  constructor(terminal: Terminal, doing: string) {
    this.#terminal = terminal;
    this.#doing = doing;
  }

  readonly tell = (events: number): void => {
    const nowMs = performance.now();
    const { errIsTty } = this.#terminal;
    if (nowMs - this.#toldMs < (errIsTty ? ON_TERMINAL_MS : ELSEWHERE_MS)) return;
    this.#toldMs = nowMs;
    this.#open = errIsTty;
    const sentence = `countersign: ${this.#doing} ${events} events`;
    this.#terminal.err(errIsTty ? `${ERASE_LINE}${sentence}` : `${sentence}\n`);
  };

  end(): void {
    if (this.#open) this.#terminal.err(ERASE_LINE);
    this.#open = false;
  }
}
