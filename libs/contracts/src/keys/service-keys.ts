import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { RECEIPT_KEY } from '../intake/receipt-key.ts';

/** The key of a service's proofs that it checked whoever gives a command. */
export const commandKeyName = (service: ServiceName): string => `command-${service}`;

/** The key that credentials signs the tokens of grants with. */
export const GRANT_TOKEN_KEY = 'grant-token';

const TOKEN_KEYS: Readonly<Partial<Record<ServiceName, readonly string[]>>> = {
  intake: [RECEIPT_KEY],
  notification: [commandKeyName('notification')],
  credentials: [GRANT_TOKEN_KEY],
};

/** The private keys that a service holds, and no other does: its own for appends, then those for tokens. */
export const SERVICE_KEYS: ReadonlyMap<ServiceName, readonly string[]> = new Map(
  SERVICE_NAMES.map((service) => [service, [service, ...(TOKEN_KEYS[service] ?? [])]]),
);
