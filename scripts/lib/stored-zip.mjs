import { crc32 } from 'node:zlib';

/** 1980-01-01, so that the same files give the same bytes. */
const DOS_DATE = 0x0021;

const header = (signature, fields) => {
  const bytes = Buffer.alloc(4 + fields.reduce((sum, [size]) => sum + size, 0));
  bytes.writeUInt32LE(signature, 0);
  let at = 4;
  for (const [size, value] of fields) at = bytes.writeUIntLE(value, at, size);
  return bytes;
};

/** What the local and the central header of a file share. */
const common = (name, content) => [
  [2, 20],
  [2, 0],
  [2, 0],
  [2, 0],
  [2, DOS_DATE],
  [4, crc32(content)],
  [4, content.length],
  [4, content.length],
  [2, name.length],
  [2, 0],
];

/**
 * A ZIP archive (PKWARE's APPNOTE 6.3) of a few small files, not compressed.
 * @param {readonly {name: string, content: Buffer}[]} files
 */
export function storedZip(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, content } of files) {
    const title = Buffer.from(name);
    const local = [header(0x04034b50, common(title, content)), title, content];
    const more = [
      [2, 0],
      [2, 0],
      [2, 0],
      [4, 0],
      [4, offset],
    ];
    directory.push(header(0x02014b50, [[2, 20], ...common(title, content), ...more]), title);
    parts.push(...local);
    offset += local.reduce((sum, { length }) => sum + length, 0);
  }
  const central = Buffer.concat(directory);
  const end = header(0x06054b50, [
    [2, 0],
    [2, 0],
    [2, files.length],
    [2, files.length],
    [4, central.length],
    [4, offset],
    [2, 0],
  ]);
  return Buffer.concat([...parts, central, end]);
}
