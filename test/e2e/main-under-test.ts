import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('roots/without-audit.ts', import.meta.url));
