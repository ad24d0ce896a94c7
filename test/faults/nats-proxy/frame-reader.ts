/** One line of the NATS client protocol, with its payload where it has one, as it came. */
export interface Frame {
  /** In capitals: `PUB`, `PING`, `+OK`. */
  readonly verb: string;
  /** Of a message alone. */
  readonly natsSubject: string | undefined;
  readonly bytes: Buffer;
}

/** Which carry a payload; its size is the last word of the line. */
const MESSAGES: ReadonlySet<string> = new Set(['PUB', 'HPUB', 'MSG', 'HMSG']);
const LINE_END = '\r\n';

/**
 * Cuts what arrives on a NATS connection, either way, into whole frames, so that what is left out, doubled or moved
 * is always whole.
 */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole by now; what is left waits for the next chunk. */
  push(chunk: Buffer): readonly Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    for (let frame = readFrame(bytes); frame !== undefined; frame = readFrame(bytes.subarray(at))) {
      frames.push(frame);
      at += frame.bytes.length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}

const readFrame = (bytes: Buffer): Frame | undefined => {
  const lineEnd = bytes.indexOf(LINE_END);
  if (lineEnd < 0) return undefined;
  const [verb = '', natsSubject, ...others] = bytes.toString('latin1', 0, lineEnd).split(/[ \t]+/);
  const upper = verb.toUpperCase();
  const headEnd = lineEnd + LINE_END.length;
  if (!MESSAGES.has(upper)) return { verb: upper, natsSubject: undefined, bytes: bytes.subarray(0, headEnd) };
  const end = headEnd + Number(others.at(-1)) + LINE_END.length;
  if (Number.isNaN(end)) throw new Error(`The proxy can't read "${verb}": its line names no size.`);
  return bytes.length < end ? undefined : { verb: upper, natsSubject, bytes: bytes.subarray(0, end) };
};
