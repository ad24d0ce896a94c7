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

/** Characters of strings that a terminal would act on or nobody would see; JSON's own are line ends and spaces. */
const UNSEEN = /(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const escapeOf = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** The same JSON: whoever looks at it on a terminal sees what stands in it. */
const jsonText = (value: object, indent?: number): string =>
  `${JSON.stringify(value, undefined, indent).replaceAll(UNSEEN, escapeOf)}\n`;

/** An answer for programs with `--json`, else for people. */
export const answer = (
  cli: Cli,
  options: { readonly json?: boolean },
  json: object,
  text: () => string,
): void => cli.terminal.out(options.json === true ? jsonText(json, 2) : text());

/** One JSON value a line, for answers that go on. */
export const jsonLine = (value: JsonObject | object): string => jsonText(value);
