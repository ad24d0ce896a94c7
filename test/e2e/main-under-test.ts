import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('roots/policy-and-intake.ts', import.meta.url));
