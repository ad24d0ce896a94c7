import type { Actor } from '@countersign/event-store';
import type { ServiceName } from '@countersign/kernel';

/** A service acting on its own, as it stands on events. */
export const serviceActor = (service: ServiceName): Actor => ({
  type: 'Service',
  id: `countersign/${service}`,
  via: { channel: 'service' },
});
