import type { Bus, RequesterOutlet, RequestQueue } from '@countersign/bus';
import type { EventStore } from '@countersign/event-store';

/** Each method of a port has a place at least where a process may die; a property has none. */
type PlacesOf<Port> = {
  readonly [Member in keyof Port]: Port[Member] extends (...parameters: never[]) => unknown
    ? readonly [string, ...string[]]
    : readonly [];
};

/** What a process answers, over the bus and over HTTP: no port, but a way out of it all the same. */
interface Answers {
  serve(): void;
  answer(): void;
}

interface Ports {
  readonly store: PlacesOf<EventStore>;
  readonly bus: PlacesOf<Bus>;
  readonly requestQueue: PlacesOf<RequestQueue>;
  readonly requesterOutlet: PlacesOf<RequesterOutlet>;
  readonly answers: PlacesOf<Answers>;
}

/**
 * Every failpoint, by the port and the method whose decorator reaches it. A port that grows a method doesn't
 * compile here until the method has a place of its own.
 */
export const FAILPOINTS = {
  store: {
    /** Nothing happened yet; it stands, but nobody knows. */
    append: ['before-append', 'after-append'],
    readStream: ['before-read'],
    /** A batch was heard; it was applied. */
    subscribe: ['before-apply', 'after-apply'],
  },
  bus: {
    /** `after`: the message has left for the server. */
    ring: ['before-ring', 'after-ring'],
    hear: ['before-hear', 'after-hear'],
    /** `after`: the answer is here. */
    request: ['before-request', 'after-request'],
    connected: [],
  },
  requestQueue: {
    /** Taken from the queue; settled, and the queue doesn't know; it has been told. */
    consume: ['before-take', 'before-ack', 'after-ack'],
  },
  requesterOutlet: { announce: ['before-announce', 'after-announce'] },
  answers: {
    /** A call is here; it is carried out, and the caller doesn't know; it has been answered. */
    serve: ['before-handle', 'before-reply', 'after-reply'],
    /** The same of HTTP, where the answer is ready. */
    answer: ['before-answer', 'after-answer'],
  },
} as const satisfies Ports;

type Places<Port> = Port extends Readonly<Record<string, readonly (infer Place)[]>> ? Place : never;

export type FailpointName = {
  [Port in keyof typeof FAILPOINTS]: Places<(typeof FAILPOINTS)[Port]>;
}[keyof typeof FAILPOINTS];

const placesOf = (port: Readonly<Record<string, readonly FailpointName[]>>): readonly FailpointName[] =>
  Object.values(port).flat();

export const FAILPOINT_NAMES: readonly FailpointName[] = Object.values(FAILPOINTS).flatMap(placesOf);
