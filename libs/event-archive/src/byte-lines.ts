import { ArchiveError, malformed } from './archive-error.ts';

/** Longer than any event with its frame. */
const MOST_BYTES = 128 * 1024;
const LINE_FEED = 0x0a;

/** The lines of a stream of bytes, without their line feeds. Bytes after the last one mean that it was cut. */
export async function* byteLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of source) {
    let bytes = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED)) {
      yield bytes.subarray(0, end);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > MOST_BYTES) throw malformed('The file', 'A line is longer than any event.');
    rest = bytes;
  }
  if (rest.length > 0) throw cut();
}

export const cut = (): ArchiveError =>
  new ArchiveError('archive_cut', 'The file ends too early; copy or export it again.');
