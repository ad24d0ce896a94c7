import type { EntityRef, ServiceName } from '@countersign/kernel';

/** A line that a process said, or that the stack has to say of it. */
export interface LineSource {
  /** `intake-0`, `nats`, `event-store`, `stack` */
  readonly process: string;
  /** A card or another text for people, which a prefix would break. */
  readonly forPeople: boolean;
}

export interface StackOptions {
  /** Everything lies below it, as below COUNTERSIGN_DATA: `log`, `keys`, `services`. */
  readonly folder: string;
  /** Of the proxy; any free one unless told. */
  readonly port?: number;
  /** Of each service; 1 unless told. */
  readonly replicas?: number | Partial<Record<ServiceName, number>>;
  /** Composition roots of tests, in place of `apps/<service>/dist/main.js`. */
  readonly mains?: Partial<Record<ServiceName, string>>;
  /** Added to what a service process is given, or in its place; `''` is as absent. */
  readonly env?: (service: ServiceName, replica: number) => Readonly<Record<string, string>>;
  /** Whether the roots take orders over an IPC channel. */
  readonly takesOrders?: boolean;
  /** Where services find NATS, in place of a server of the stack's own. */
  readonly natsUrl?: string;
  /** Of the stack's own NATS server; a free one unless told. */
  readonly natsPort?: number;
  /** COUNTERSIGN_EVENT_STORE of the services, in place of a server of the stack's own. */
  readonly eventStore?: string;
  /** Of the stack's own event store; a free one unless told. */
  readonly eventStorePort?: number;
  /** Who may connect to the stack's own NATS server as a requester; the sample organisation's unless told. */
  readonly requesters?: readonly EntityRef[];
  /** Folder of the set that an empty log takes; the sample organisation's unless told. */
  readonly policies?: string;
  /** Whether what dies is started again, waiting longer each time. */
  readonly supervise?: boolean;
  /** Each line, without its end; one that isn't for people begins with the name of its process. */
  readonly log?: (line: string, from: LineSource) => void;
  /** The nats-server program. */
  readonly natsServer?: string;
  readonly nodePath?: string;
}
