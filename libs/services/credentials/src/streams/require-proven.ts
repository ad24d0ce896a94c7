import { notFound } from '@countersign/service-host';
import type { ProvenGrant } from './grant-streams.ts';

/** For what was there a moment ago. */
export const requireProven = (proven: ProvenGrant | undefined): ProvenGrant => {
  if (proven === undefined) throw notFound();
  return proven;
};
