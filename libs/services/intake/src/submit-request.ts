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
import { CodedError, formatEntity, hasCode, timestampNow, type Json } from '@countersign/kernel';
import { propertyConflicts } from '@countersign/policy-engine';
import { actorOf, requireInitiator, type Caller, type ServiceContext } from '@countersign/service-host';
import type { Admission } from './admission/admission.ts';
import { bytesOf } from './admission/open-requests-projection.ts';

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

interface Dependencies extends Pick<
  ServiceContext,
  'store' | 'writer' | 'policySets' | 'clock' | 'telemetry'
> {
  readonly admission: Admission;
}

/**
 * Takes a request down durably, or says why not. Idempotent by key: the id is derived from it, so a
 * repeat meets its own stream (`idempotency_conflict` where that holds another action). Caps are for what
 * doesn't stand yet: they never refuse a repeat.
 */
export class SubmitRequest {
  readonly #context: Dependencies;
  readonly #randomId: () => string;

  constructor(context: Dependencies, randomId: () => string = randomUUID) {
    this.#context = context;
    this.#randomId = randomId;
  }

  async submit(submission: Submission): Promise<Submitted> {
    const requester = requireRequester(submission.caller);
    return this.#context.admission.inTurn(formatEntity(requester.ref), () =>
      this.#submit(requester, submission),
    );
  }

  async #submit(
    requester: RequesterPrincipal,
    { caller, body, idempotencyKey }: Submission,
  ): Promise<Submitted> {
    const parsed = parseActionBody(body);
    const { action, digest } = bindAction(subjectOf(requester), parsed);
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
    const { admission, writer, telemetry } = this.#context;
    const actor = actorOf(caller);
    const candidate = { requestId, requester: formatEntity(actor), bytes: bytesOf(event.data) };
    const metadata = { actor, correlationId: requestId, traceparent: telemetry.traceparent() };
    try {
      await admission.admit(candidate, () =>
        writer.append(streamName('request', requestId), 'no-stream', [event], metadata),
      );
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
