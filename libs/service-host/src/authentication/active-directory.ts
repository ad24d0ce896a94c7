import { indexDirectory, type DirectoryIndex } from '@countersign/domain-directory';
import type { ActivePolicySetReader, PolicySet } from '@countersign/policy-engine';

/** The directory of the set in force, indexed once per set. */
export const activeDirectory = (
  policySets: Pick<ActivePolicySetReader, 'read'>,
): (() => Promise<DirectoryIndex | undefined>) => {
  const indexes = new WeakMap<PolicySet, DirectoryIndex>();
  return async () => {
    const active = await policySets.read();
    if (active === undefined) return undefined;
    const index = indexes.get(active.set) ?? indexDirectory(active.set.directory);
    indexes.set(active.set, index);
    return index;
  };
};
