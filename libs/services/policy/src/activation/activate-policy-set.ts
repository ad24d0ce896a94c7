import { randomUUID } from 'node:crypto';
import { hasRole, indexDirectory } from '@countersign/domain-directory';
import type { PolicySetActivatedView, PolicySetBody } from '@countersign/contracts';
import { retryOnConflict } from '@countersign/event-store';
import { CodedError, formatEntity } from '@countersign/kernel';
import {
  formatDiagnostic,
  parsePolicySet,
  POLICY_SET_STREAM,
  policySetToEvents,
  type ActivePolicySet,
  type LoadedPolicies,
  type PolicyEngine,
} from '@countersign/policy-engine';
import { actorOf, type Caller, type ServiceContext } from '@countersign/service-host';

/** Directory role whose bearers may put another set in force. */
export const POLICY_ADMINS = 'policy-admins';

export interface Activation {
  /** False where this very activation already stood. */
  readonly isNew: boolean;
  readonly view: PolicySetActivatedView;
}

type Dependencies = Pick<ServiceContext, 'policySets' | 'writer' | 'telemetry' | 'log'> & {
  readonly engine: PolicyEngine;
};

/** Puts a whole set in force: policies, schema, directory and catalogue in one append. */
export class ActivatePolicySet {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /**
   * `forbidden` without the role in the set that is active, `policy_set_changed` where another one is
   * active than the author saw, `invalid_policy_set` with every diagnostic. Who activates a set can lock
   * themselves out of the next; the warnings say so.
   */
  async activate(body: PolicySetBody, caller: Caller): Promise<Activation> {
    return retryOnConflict(async () => {
      const active = await this.#requireActive();
      requireAdmin(active, caller);
      const loaded = this.#with.engine.load(parsePolicySet(body.files));
      if (isRepeat(active, loaded, body)) return { isNew: false, view: viewOf(active, loaded, body) };
      requireUnchanged(active, body);
      await this.#append(active, loaded, caller);
      return { isNew: true, view: viewOf(await this.#requireActive(), loaded, body) };
    });
  }

  async #requireActive(): Promise<ActivePolicySet> {
    const active = await this.#with.policySets.read();
    if (active !== undefined) return active;
    throw new CodedError('no_policy_set', 'No policy set is active yet; an empty store takes its folder.');
  }

  async #append(active: ActivePolicySet, { set }: LoadedPolicies, caller: Caller): Promise<void> {
    const { writer, telemetry, log } = this.#with;
    const events = policySetToEvents(set, caller.principal.ref, active.set.digest);
    await writer.append(POLICY_SET_STREAM, active.revision, events, {
      actor: actorOf(caller),
      correlationId: randomUUID(),
      traceparent: telemetry.traceparent(),
    });
    log.info('A policy set was activated.', {
      digest: set.digest,
      replaces: active.set.digest,
      by: formatEntity(caller.principal.ref),
    });
  }
}

const requireAdmin = ({ set }: ActivePolicySet, { principal }: Caller): void => {
  const isAdmin =
    principal.kind === 'person' && hasRole(indexDirectory(set.directory), principal.ref.id, POLICY_ADMINS);
  if (isAdmin) return;
  throw new CodedError('forbidden', `Only a person with the role ${POLICY_ADMINS} activates policies.`);
};

/** The same activation again, after its answer was lost. */
const isRepeat = (active: ActivePolicySet, { set }: LoadedPolicies, { replaces }: PolicySetBody): boolean =>
  active.set.digest === set.digest && (active.replaces === replaces || replaces === set.digest);

const requireUnchanged = ({ set }: ActivePolicySet, { replaces }: PolicySetBody): void => {
  if (set.digest === replaces) return;
  throw new CodedError(
    'policy_set_changed',
    `Set ${set.digest} is active, not the one that this was written to replace; look at it and try again.`,
    { field: 'replaces' },
  );
};

const viewOf = (
  { by, activatedAt }: ActivePolicySet,
  { set, warnings }: LoadedPolicies,
  { replaces }: PolicySetBody,
): PolicySetActivatedView => ({
  digest: set.digest,
  replaces,
  by: formatEntity(by),
  activatedAt,
  warnings: [...warnings.map(formatDiagnostic), ...lockOutWarning(set.directory.roles)],
});

const lockOutWarning = (roles: LoadedPolicies['set']['directory']['roles']): readonly string[] =>
  Object.hasOwn(roles, POLICY_ADMINS) && roles[POLICY_ADMINS]?.length !== 0
    ? []
    : [
        `directory.yaml: no_policy_admin: nobody has the role ${POLICY_ADMINS}, so nobody can activate the next set.`,
      ];
