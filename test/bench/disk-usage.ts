import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Of all files in the folder and below it. */
export const folderMb = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) /
  2 ** 20;
