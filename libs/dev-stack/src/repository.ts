import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@countersign/kernel';

/** The path of something in the repository. */
export const inRepository = (path: string): string =>
  fileURLToPath(new URL(`../../../${path}`, import.meta.url));

const pinnedNode = inRepository('node_modules/.bin/node');

/** The Node that the workspace pins; elsewhere the one that runs this. */
export const NODE = existsSync(pinnedNode) ? pinnedNode : process.execPath;

/** Compiled code of earlier starts: one stack is many processes. */
export const COMPILED = inRepository('node_modules/.cache/countersign-e2e');

export const mainOf = (service: ServiceName): string => inRepository(`apps/${service}/dist/main.js`);
export const EVENT_STORE_MAIN = inRepository('libs/dev-event-store/dist/main.js');
export const SAMPLE_POLICIES = inRepository('deploy/samples/acme');
