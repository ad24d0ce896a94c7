import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));

/** For each picture, what it was taken of, and what it holds. */
export const DIGESTS = join(FOLDER, 'digests.json');
