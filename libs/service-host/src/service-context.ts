import type { Bus, RequesterOutlet, RequestQueue } from '@countersign/bus';
import type { AppendVerifier, EventStore, EventWriter } from '@countersign/event-store';
import type { Clock, ServiceName } from '@countersign/kernel';
import type { ActivePolicySetReader } from '@countersign/policy-engine';
import type { Authenticator } from './authentication/authenticator.ts';
import type { ServiceConfig } from './config/service-config.ts';
import type { Lifecycle } from './lifecycle/lifecycle.ts';
import type { Logger } from './telemetry/logger.ts';
import type { NamedKeys } from './named-keys.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/**
 * What a process gives each of its services: effects only, built once in the composition root. A
 * service module takes this and nothing else.
 */
export interface ServiceContext {
  readonly service: ServiceName;
  readonly config: ServiceConfig;
  /** For reading. Appends go through `writer`, which signs and rings. */
  readonly store: EventStore;
  readonly writer: EventWriter;
  readonly verifier: AppendVerifier;
  readonly bus: Bus;
  /** Where outsiders publish requests, and where they hear what became of them. */
  readonly requestQueue: RequestQueue;
  readonly requesterOutlet: RequesterOutlet;
  readonly clock: Clock;
  /** Reads the head of `policyset-active` at each call. */
  readonly policySets: ActivePolicySetReader;
  readonly authenticator: Authenticator;
  readonly keys: NamedKeys;
  readonly telemetry: Telemetry;
  readonly log: Logger;
  /** Background work and readiness checks are registered here; the host starts, asks and stops them. */
  readonly lifecycle: Lifecycle;
  /** Path of a disposable view's file for this service. */
  viewPath(name: string): string;
}
