/** Where the CLI writes; `run` leaves stdout to the command. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether a line on stderr can be written over. */
  readonly errIsTty: boolean;
}

export const processTerminal = (): Terminal => ({
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  errIsTty: process.stderr.isTTY,
});
