import { indexDirectory, type DirectoryIndex } from '@countersign/domain-directory';
import type { ActivePolicySetReader } from '@countersign/policy-engine';

/** The directory of the set in force. */
export const activeDirectory =
  (policySets: Pick<ActivePolicySetReader, 'read'>): (() => Promise<DirectoryIndex | undefined>) =>
  async () => {
    const active = await policySets.read();
    return active && indexDirectory(active.set.directory);
  };
