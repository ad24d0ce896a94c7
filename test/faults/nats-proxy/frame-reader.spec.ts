import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.ts';

const STREAM =
  'INFO {"max_payload":1}\r\nPING\r\npub a.b 3\r\nxyz\r\nHPUB a.c _INBOX.1 12 17\r\nNATS/1.0\r\n\r\nhello\r\n' +
  "MSG a.b 1 0\r\n\r\nHMSG a.c 2 _INBOX.1 12 14\r\nNATS/1.0\r\n\r\n\r\n\r\n+OK\r\n-ERR 'gone'\r\n";

const READ = [
  ['INFO', undefined],
  ['PING', undefined],
  ['PUB', 'a.b'],
  ['HPUB', 'a.c'],
  ['MSG', 'a.b'],
  ['HMSG', 'a.c'],
  ['+OK', undefined],
  ['-ERR', undefined],
];

describe('a frame reader', () => {
  it.each([1, 2, 7, 64, STREAM.length])('finds the same whole frames in chunks of %d', (size) => {
    const reader = new FrameReader();
    const bytes = Buffer.from(STREAM);
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    const frames = chunks.flatMap((chunk) => reader.push(chunk));
    expect(frames.map(({ verb, natsSubject }) => [verb, natsSubject])).toEqual(READ);
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).toString()).toBe(STREAM);
  });
});
