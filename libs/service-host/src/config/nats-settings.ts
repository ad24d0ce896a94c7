import type { z } from 'zod';
import { isLoopback } from './issuer-config.ts';
import type { Mode } from './service-config.ts';

interface NatsSettings {
  readonly COUNTERSIGN_MODE: Mode;
  readonly NATS_URL?: string | undefined;
  readonly COUNTERSIGN_NATS_USER?: string | undefined;
  readonly COUNTERSIGN_NATS_NKEY_FILE?: string | undefined;
  readonly COUNTERSIGN_NATS_REQUESTS_NKEY_FILE?: string | undefined;
  readonly COUNTERSIGN_NATS_CA_FILE?: string | undefined;
}

/** Each rule: whether it is broken, the variable to change, and how. */
const brokenRules = (it: NatsSettings): readonly (readonly [boolean, keyof NatsSettings, string])[] => {
  const hasKey = it.COUNTERSIGN_NATS_NKEY_FILE !== undefined;
  const hasRequestsKey = it.COUNTERSIGN_NATS_REQUESTS_NKEY_FILE !== undefined;
  return [
    [
      hasKey && it.NATS_URL === undefined,
      'NATS_URL',
      'name the server that COUNTERSIGN_NATS_NKEY_FILE is for',
    ],
    [
      hasKey && it.COUNTERSIGN_NATS_USER !== undefined,
      'COUNTERSIGN_NATS_USER',
      'log in with COUNTERSIGN_NATS_NKEY_FILE or with a name and a password, not with both',
    ],
    [
      hasRequestsKey && !hasKey,
      'COUNTERSIGN_NATS_NKEY_FILE',
      "name intake's own key beside its key on the requesters' account",
    ],
    [
      hasRequestsKey && it.COUNTERSIGN_NATS_REQUESTS_NKEY_FILE === it.COUNTERSIGN_NATS_NKEY_FILE,
      'COUNTERSIGN_NATS_REQUESTS_NKEY_FILE',
      'each account needs a key of its own',
    ],
    [
      hasKey && it.COUNTERSIGN_MODE === 'production' && !isConfidential(it.NATS_URL),
      'NATS_URL',
      'give tls://host:port; calls carry tokens and proofs, and plain nats:// is for loopback and development',
    ],
    [
      it.COUNTERSIGN_NATS_CA_FILE !== undefined && it.NATS_URL?.startsWith('tls://') !== true,
      'NATS_URL',
      'COUNTERSIGN_NATS_CA_FILE is for a server at tls://host:port',
    ],
  ];
};

const isConfidential = (url: string | undefined): boolean =>
  url === undefined || url.split(',').every((each) => each.startsWith('tls://') || isOfThisMachine(each));

const isOfThisMachine = (url: string): boolean => URL.canParse(url) && isLoopback(new URL(url).hostname);

/** Refuses settings of NATS that don't go together. */
export const checkNatsSettings = (it: NatsSettings, context: z.core.$RefinementCtx): void => {
  for (const [broken, variable, message] of brokenRules(it)) {
    if (broken) context.addIssue({ code: 'custom', path: [variable], message });
  }
};
