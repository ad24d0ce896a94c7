import { View } from '@countersign/follower';
import type { RequesterCaps } from '@countersign/service-host';
import { quietTelemetry } from '@countersign/service-testing';
import { Admission } from './admission/admission.ts';
import { OpenRequests } from './admission/open-requests.ts';
import { REQUESTS_PROJECTION } from './requests-projection.ts';

export const CAPS: RequesterCaps = {
  perSecond: 1_000,
  openRequests: 1_000,
  openBytes: 1_000_000,
  waits: 256,
};

/** An admission that refuses nobody who stays below these caps; its view stands still. */
export const generousAdmission = (caps: Partial<RequesterCaps> = {}, maxUnevaluated = 10_000): Admission =>
  new Admission({
    open: new OpenRequests(new View(':memory:', REQUESTS_PROJECTION)),
    caps: { ...CAPS, ...caps },
    maxUnevaluated,
    metrics: quietTelemetry().metrics,
  });
