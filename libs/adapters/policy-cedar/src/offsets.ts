/** 1-based line of an offset in UTF-16 units. */
export const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

/** Cedar counts bytes of UTF-8; texts here count UTF-16 units. */
export const fromByteOffset = (text: string, bytes: number): number =>
  Buffer.from(text, 'utf8').subarray(0, bytes).toString('utf8').length;
