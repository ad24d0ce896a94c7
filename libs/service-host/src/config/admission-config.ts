import { z } from 'zod';
import type { AdmissionConfig } from './service-config.ts';

const count = (least: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, 'give a whole number')
    .transform(Number)
    .refine((value) => value >= least, `give ${least} or more`);

const atLeastOne = count(1);

/** What intake admits; `COUNTERSIGN_MAX_UNEVALUATED` is shared out, so that one alone may have half of it. */
export const admissionVariables = {
  COUNTERSIGN_MAX_UNEVALUATED: count(2).prefault('500'),
  COUNTERSIGN_REQUESTER_RATE: atLeastOne.prefault('100'),
  COUNTERSIGN_REQUESTER_OPEN: atLeastOne.prefault('100'),
  COUNTERSIGN_REQUESTER_OPEN_BYTES: atLeastOne.prefault('4194304'),
  COUNTERSIGN_REQUESTER_WAITS: atLeastOne.prefault('256'),
};

/** Connections of HTTP that one process keeps. */
export const connectionVariables = { COUNTERSIGN_MAX_CONNECTIONS: atLeastOne.prefault('4096') };

type AdmissionVariables = { readonly [Name in keyof typeof admissionVariables]: number };

export const admissionConfig = (it: AdmissionVariables): AdmissionConfig => ({
  maxUnevaluated: it.COUNTERSIGN_MAX_UNEVALUATED,
  perRequester: {
    perSecond: it.COUNTERSIGN_REQUESTER_RATE,
    openRequests: it.COUNTERSIGN_REQUESTER_OPEN,
    openBytes: it.COUNTERSIGN_REQUESTER_OPEN_BYTES,
    waits: it.COUNTERSIGN_REQUESTER_WAITS,
  },
});
