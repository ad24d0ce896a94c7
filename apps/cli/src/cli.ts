import type { JsonObject } from '@countersign/kernel';
import type { CliEnvironment } from './environment.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface Cli {
  readonly terminal: Terminal;
  readonly environment: CliEnvironment;
  nowMs(): number;
  /** The status that the process ends with; 0 where no command sets one. */
  exitWith(code: number): void;
}

/** An answer for programs with `--json`, else for people. */
export const answer = (
  cli: Cli,
  options: { readonly json?: boolean },
  json: object,
  text: () => string,
): void => cli.terminal.out(options.json === true ? `${JSON.stringify(json, undefined, 2)}\n` : text());

/** One JSON value a line, for answers that go on. */
export const jsonLine = (value: JsonObject | object): string => `${JSON.stringify(value)}\n`;
