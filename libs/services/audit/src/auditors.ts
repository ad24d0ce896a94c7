import { hasRole, indexDirectory } from '@countersign/domain-directory';
import { AUDITOR_ROLE } from '@countersign/domain-thread';
import { CodedError } from '@countersign/kernel';
import type { Caller, ServiceContext } from '@countersign/service-host';

/** By the directory of this moment. A role is a person's: no automaton audits. */
export const isAuditor = async (
  { principal }: Caller,
  policySets: ServiceContext['policySets'],
): Promise<boolean> => {
  const active = await policySets.read();
  if (active === undefined || principal.kind !== 'person') return false;
  return hasRole(indexDirectory(active.set.directory), principal.ref.id, AUDITOR_ROLE);
};

/** `not_auditor`: that there is a record at all is no secret, what is in it is. */
export const requireAuditor = async (
  caller: Caller,
  policySets: ServiceContext['policySets'],
): Promise<void> => {
  if (await isAuditor(caller, policySets)) return;
  throw new CodedError('not_auditor', `Only a person with the role "${AUDITOR_ROLE}" reads the record.`);
};
