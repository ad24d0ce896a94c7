import { crc32, deflateSync, inflateSync } from 'node:zlib';

// A browser writes 24 bits a pixel. Text needs no more than 256 colours, in half the bytes.

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const MOST_COLOURS = 256;

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, row by row. */
  readonly rgb: Buffer;
}

export const smaller = (png: Buffer): Buffer => encode(decode(png));

const chunksOf = (png: Buffer): readonly { readonly type: string; readonly data: Buffer }[] => {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = SIGNATURE.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const data = png.subarray(at + 8, at + 8 + length);
    chunks.push({ type: png.toString('latin1', at + 4, at + 8), data });
    at += length + 12;
  }
  return chunks;
};

const decode = (png: Buffer): Pixels => {
  const chunks = chunksOf(png);
  const header = chunks.find(({ type }) => type === 'IHDR')?.data ?? Buffer.alloc(0);
  const depth = header.readUInt16BE(8);
  if (depth !== 0x0802 && depth !== 0x0806) throw new Error('a screenshot has 8 bits of red, green and blue');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const bytes = depth === 0x0802 ? 3 : 4;
  const filtered = inflateSync(
    Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)),
  );
  const raw = unfiltered(filtered, width * bytes, height, bytes);
  const rgb = Buffer.alloc(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    raw.copy(rgb, pixel * 3, pixel * bytes, pixel * bytes + 3);
  return { width, height, rgb };
};

/** PNG specification, 9.2: each byte was told by those to the left, above, and above to the left of it. */
const unfiltered = (filtered: Buffer, stride: number, height: number, bytes: number): Buffer => {
  const raw = Buffer.alloc(stride * height);
  for (let row = 0; row < height; row += 1) {
    const filter = filtered[row * (stride + 1)] ?? 0;
    for (let column = 0; column < stride; column += 1) {
      const at = row * stride + column;
      const left = column < bytes ? 0 : (raw[at - bytes] ?? 0);
      const above = row === 0 ? 0 : (raw[at - stride] ?? 0);
      const corner = row === 0 || column < bytes ? 0 : (raw[at - stride - bytes] ?? 0);
      raw[at] = (filtered[at + row + 1] ?? 0) + predicted(filter, left, above, corner);
    }
  }
  return raw;
};

const predicted = (filter: number, left: number, above: number, corner: number): number =>
  [0, left, above, (left + above) >> 1, paeth(left, above, corner)][filter] ?? 0;

const paeth = (left: number, above: number, corner: number): number => {
  const guess = left + above - corner;
  const [toLeft, toAbove, toCorner] = [left, above, corner].map((each) => Math.abs(guess - each));
  if (toLeft === undefined || toAbove === undefined || toCorner === undefined) return 0;
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
};

/** Four bits a channel, opposite ends kept: black stays black, and white white. */
const rounded = (value: number): number => Math.round(value / 17) * 17;

const encode = ({ width, height, rgb }: Pixels): Buffer => {
  const colours = Array.from({ length: width * height }, (_, nth) =>
    rgb.readUIntBE(nth * 3, 3) === 0xffffff
      ? 0xffffff
      : (rounded(rgb[nth * 3] ?? 0) << 16) |
        (rounded(rgb[nth * 3 + 1] ?? 0) << 8) |
        rounded(rgb[nth * 3 + 2] ?? 0),
  );
  const { palette, indexOf } = paletteOf(colours);
  const rows = Buffer.alloc((width + 1) * height);
  for (const [nth, colour] of colours.entries())
    rows[nth + Math.floor(nth / width) + 1] = indexOf.get(colour) ?? 0;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, of a palette.
  header.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(palette.flatMap(channels))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

const channels = (colour: number): readonly number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

/** The most frequent colours; each other one becomes the nearest of them. */
const paletteOf = (colours: readonly number[]) => {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const palette = [...counts]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, MOST_COLOURS)
    .map(([colour]) => colour);
  const nearest = (colour: number): number =>
    palette.indexOf(
      palette.toSorted((one, other) => distance(one, colour) - distance(other, colour))[0] ?? 0,
    );
  return { palette, indexOf: new Map([...counts.keys()].map((colour) => [colour, nearest(colour)])) };
};

const distance = (one: number, other: number): number => {
  const [from, to] = [channels(one), channels(other)];
  return from.reduce((sum, value, nth) => sum + (value - (to[nth] ?? 0)) ** 2, 0);
};

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
};
