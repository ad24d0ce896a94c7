import {
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  type AuthorizationAnswer,
  type CheckParseAnswer,
} from '@cedar-policy/cedar-wasm/nodejs';
import { CodedError } from '@countersign/kernel';
import type { CedarCall } from './map-request.ts';

/**
 * Cedar keeps what it parsed under a name for as long as the process lives, and forgets nothing by
 * itself. A fixed number of names bounds that; a program whose name was taken over parses again.
 */
const SLOTS = 8;
const owners: (CedarProgram | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
let next = 0;

const requireSuccess = (answer: CheckParseAnswer): void => {
  if (answer.type === 'success') return;
  const message = answer.errors.map((error) => error.message).join(' ');
  throw new CodedError('policy_set_unparsable', `Cedar can't take the set: ${message}`);
};

/** Answers kept per program, and the longest question whose answer is kept, in characters. */
const REMEMBERED = 512;
const MAX_REMEMBERED_CALL = 4_096;

/**
 * One policy set, parsed once and ready to be asked. A question is only what the schema declares, and
 * its answer depends on nothing else: one that was asked before is answered from memory, which makes
 * the second evaluation of a request, at its redemption, almost free.
 */
export class CedarProgram {
  readonly #answers = new Map<string, AuthorizationAnswer>();
  readonly #schema: string;
  readonly #policies: Record<string, string>;
  #slot = -1;

  /** `policies`: text by `@id`. */
  constructor(schema: string, policies: Record<string, string>) {
    this.#schema = schema;
    this.#policies = policies;
  }

  authorize(call: CedarCall): AuthorizationAnswer {
    const key = JSON.stringify(call);
    const answer = this.#answers.get(key) ?? this.#evaluate(call);
    if (key.length > MAX_REMEMBERED_CALL) return answer;
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED && oldest !== undefined) this.#answers.delete(oldest);
    return answer;
  }

  #evaluate(call: CedarCall): AuthorizationAnswer {
    const name = this.#prepared();
    return statefulIsAuthorized({
      ...call,
      preparsedPolicySetId: name,
      preparsedSchemaName: name,
      validateRequest: true,
    });
  }

  #prepared(): string {
    if (owners[this.#slot] === this) return String(this.#slot);
    const slot = next;
    next = (next + 1) % SLOTS;
    owners[slot] = undefined;
    const name = String(slot);
    requireSuccess(preparseSchema(name, this.#schema));
    requireSuccess(preparsePolicySet(name, { staticPolicies: this.#policies }));
    owners[slot] = this;
    this.#slot = slot;
    return name;
  }
}
