import type { Writable } from 'node:stream';

/** Where the CLI writes; `run` leaves stdout to the command. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether a line on stderr can be written over. */
  readonly errIsTty: boolean;
}

/** Whoever reads our output may stop reading (`| head`); that is no fault. */
const endWithReader = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
};

/** Standard output for what is of use only whole: a reader who stops reading is a fault there. */
export const rawOutput = (): Writable => {
  process.stdout.off('error', endWithReader);
  return process.stdout;
};

export const processTerminal = (): Terminal => {
  process.stdout.on('error', endWithReader);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    errIsTty: process.stderr.isTTY,
  };
};
