import { resolve } from 'node:path';
import { parseEsdbAddress, type EsdbAddress } from '@countersign/event-store-esdb';
import { CodedError } from '@countersign/kernel';
import { z } from 'zod';
import type { EventStoreConfig } from './service-config.ts';

export type EventStoreAddress =
  | { readonly kind: 'sqlite'; readonly folder: string }
  | { readonly kind: 'esdb'; readonly address: EsdbAddress };

const SQLITE = /^sqlite:(.+)$/;

const parseAddress = (text: string): EventStoreAddress => {
  const [, folder] = SQLITE.exec(text) ?? [];
  if (folder !== undefined) return { kind: 'sqlite', folder: resolve(folder) };
  return { kind: 'esdb', address: parseEsdbAddress(text) };
};

/** `sqlite:<folder>` or `esdb://host:port[,…]`. */
export const eventStoreAddress = z.string().transform((text, context) => {
  try {
    return parseAddress(text);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    context.addIssue({ code: 'custom', message: `${error.message}, or sqlite:<folder>` });
    return z.NEVER;
  }
});

interface EventStoreVariables {
  readonly COUNTERSIGN_EVENT_STORE?: EventStoreAddress | undefined;
  readonly COUNTERSIGN_EVENT_STORE_USER?: string | undefined;
  readonly COUNTERSIGN_EVENT_STORE_PASSWORD_FILE?: string | undefined;
}

export const eventStoreConfig = (it: EventStoreVariables): EventStoreConfig => {
  const store = it.COUNTERSIGN_EVENT_STORE ?? { kind: 'sqlite', folder: undefined };
  if (store.kind === 'sqlite') return store;
  const user = it.COUNTERSIGN_EVENT_STORE_USER;
  return { ...store, user, passwordFile: it.COUNTERSIGN_EVENT_STORE_PASSWORD_FILE };
};
