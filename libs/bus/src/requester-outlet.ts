import type { Json } from '@countersign/kernel';

/** Tells requesters over NATS what became of their requests. It informs; it is no authority. */
export interface RequesterOutlet {
  /** At most once; never throws, and is dropped and counted where the bus is down. */
  announce(natsSubject: string, message: Json): void;
}
