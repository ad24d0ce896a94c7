import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StackOptions } from '@countersign/dev-stack';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import type { BadLuck } from '../../e2e/roots/orders.ts';

const ROOT = fileURLToPath(new URL('../../e2e/roots/service-with-bad-luck.ts', import.meta.url));

/** The file to which a process writes the failpoints that it has passed. */
export const passedFile = (folder: string, service: ServiceName, replica: number): string =>
  join(folder, `passed-${service}-${replica}`);

/** Options of a stack whose services have failpoints, and take orders to die there. */
export const doomed = (
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Pick<StackOptions, 'mains' | 'takesOrders' | 'env'> => ({
  mains: Object.fromEntries(SERVICE_NAMES.map((service) => [service, ROOT])),
  takesOrders: true,
  env: (service, replica) => {
    const luck: BadLuck = { TEST_SERVICE: service, TEST_PASSED_FILE: passedFile(folder, service, replica) };
    return { ...env, ...luck };
  },
});
