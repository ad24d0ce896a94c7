import { randomUUID } from 'node:crypto';
import {
  bindAction,
  parseActionBody,
  requestIdFor,
  type ActionBody,
  type ActionDigest,
  type ActionRequested,
  type Subject,
} from '@countersign/domain-action';
import type { RequesterPrincipal } from '@countersign/domain-directory';
import { streamName, type RecordedEvent } from '@countersign/event-store';
import { CodedError, hasCode, timestampNow, type Json } from '@countersign/kernel';
import { propertyConflicts } from '@countersign/policy-engine';
import { actorOf, requireInitiator, type Caller, type ServiceContext } from '@countersign/service-host';

export interface Submission {
  readonly caller: Caller;
  /** Strictly parsed JSON, not yet an action. */
  readonly body: Json;
  readonly idempotencyKey?: string | undefined;
}

export interface Submitted {
  readonly requestId: string;
  readonly digest: ActionDigest;
}

type Dependencies = Pick<ServiceContext, 'store' | 'writer' | 'policySets' | 'clock' | 'telemetry'>;

/**
 * Takes a request down durably, or says why not. Idempotent by key: the id is derived from it, so a
 * repeat meets its own stream (`idempotency_conflict` where that holds another action).
 */
export class SubmitRequest {
  readonly #context: Dependencies;
  readonly #randomId: () => string;

  constructor(context: Dependencies, randomId: () => string = randomUUID) {
    this.#context = context;
    this.#randomId = randomId;
  }

  async submit({ caller, body, idempotencyKey }: Submission): Promise<Submitted> {
    const parsed = parseActionBody(body);
    const { action, digest } = bindAction(subjectOf(requireRequester(caller)), parsed);
    const requestId = idempotencyKey === undefined ? this.#randomId() : derivedId(caller, idempotencyKey);
    if (idempotencyKey !== undefined && (await this.#standsAlready(requestId, digest))) {
      return { requestId, digest };
    }
    await this.#refuseContradictions(parsed);
    await this.#append(caller, {
      type: 'ActionRequested',
      data: {
        ...action,
        requestId,
        digest,
        requestedAt: timestampNow(this.#context.clock),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      },
    });
    return { requestId, digest };
  }

  async #append(caller: Caller, event: ActionRequested): Promise<void> {
    const { requestId, digest } = event.data;
    try {
      await this.#context.writer.append(streamName('request', requestId), 'no-stream', [event], {
        actor: actorOf(caller),
        correlationId: requestId,
        traceparent: this.#context.telemetry.traceparent(),
      });
    } catch (error) {
      const lostRace = hasCode(error, 'wrong_expected_revision');
      if (!lostRace || !(await this.#standsAlready(requestId, digest))) throw error;
    }
  }

  async #standsAlready(requestId: string, digest: ActionDigest): Promise<boolean> {
    const [first] = await this.#context.store.readStream(streamName('request', requestId), { limit: 1 });
    if (first === undefined) return false;
    if (digestOf(first) === digest) return true;
    throw new CodedError(
      'idempotency_conflict',
      'This idempotency key was used for another action; use a new key for a new action.',
      { field: 'Idempotency-Key' },
    );
  }

  async #refuseContradictions(body: ActionBody): Promise<void> {
    const active = await this.#context.policySets.read();
    if (active === undefined) {
      throw new CodedError('no_policy_set', 'No policy set is active yet; try again later.');
    }
    const [conflict] = propertyConflicts(active.set.catalogue, body.resource);
    if (conflict === undefined) return;
    throw new CodedError(
      'property_conflict',
      `"${conflict.field}" contradicts the catalogue; leave it out or give what the catalogue says.`,
      { field: conflict.field },
    );
  }
}

const requireRequester = (caller: Caller): RequesterPrincipal => {
  requireInitiator(caller);
  if (caller.principal.kind === 'requester') return caller.principal;
  throw new CodedError('not_a_requester', 'Persons decide; only agents, pipelines and services may ask.');
};

const subjectOf = ({ ref, initiator }: RequesterPrincipal): Subject => ({
  type: ref.type,
  id: ref.id,
  properties: initiator === undefined ? {} : { initiator },
});

const derivedId = ({ via }: Caller, key: string): string => {
  if (via.issuer === undefined || via.sub === undefined) {
    throw new CodedError('unauthenticated', 'An idempotency key needs a token of an issuer.');
  }
  return requestIdFor(via.issuer, via.sub, key);
};

const digestOf = ({ data }: RecordedEvent): unknown => data['digest'];
