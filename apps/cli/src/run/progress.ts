import type { RequestView } from '@countersign/contracts';
import { visible } from '@countersign/kernel';
import { jsonLine } from '../cli.ts';
import { requirementsOf } from '../render/request-block.ts';
import type { Terminal } from '../terminal.ts';

const ERASE_LINE = '\r\u001B[2K';

const sentenceOf = (view: RequestView): string => {
  const needs = requirementsOf(view);
  const who = view.status === 'pending' && needs !== undefined && needs !== '' ? `, needs ${needs}` : '';
  return visible(`countersign: request ${view.id} is ${view.status}${who}`);
};

const elapsed = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** Says on stderr where the request stands: one line kept up to date on a terminal, a line a change elsewhere. */
export class Progress {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #startedMs = performance.now();
  #sentence = '';
  #ticker: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.#json = json;
  }

  show(view: RequestView): void {
    const sentence = sentenceOf(view);
    if (sentence === this.#sentence) return;
    this.#sentence = sentence;
    if (this.#json)
      this.#terminal.err(jsonLine({ requestId: view.id, status: view.status, version: view.version }));
    else if (this.#terminal.errIsTty) this.#keepUpToDate();
    else this.#terminal.err(`${sentence}\n`);
  }

  /** Gives the line back. */
  close(): void {
    clearInterval(this.#ticker);
    if (this.#ticker !== undefined) this.#terminal.err(ERASE_LINE);
    this.#ticker = undefined;
  }

  #keepUpToDate(): void {
    const draw = (): void =>
      this.#terminal.err(`${ERASE_LINE}${this.#sentence} (${elapsed(performance.now() - this.#startedMs)})`);
    draw();
    this.#ticker ??= setInterval(draw, 1_000).unref();
  }
}
