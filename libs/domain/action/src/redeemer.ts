import { isJsonObject, sameEntity, type EntityRef } from '@countersign/kernel';
import type { Enforcement, PrivilegedAction } from './action.ts';

/** The principal that `context.executor` names, where it names one. */
export const executorOf = ({ context }: PrivilegedAction): EntityRef | undefined => {
  const executor = context['executor'];
  if (!isJsonObject(executor)) return undefined;
  const { type, id } = executor;
  return typeof type === 'string' && typeof id === 'string' ? { type, id } : undefined;
};

/** Who redeems and runs: the executor where one is named, else the requester. */
export const redeemerOf = (action: PrivilegedAction): EntityRef =>
  executorOf(action) ?? { type: action.subject.type, id: action.subject.id };

/** What holds the action back, told truthfully: `guarded` only where another principal than the requester runs it. */
export const enforcementOffered = (action: PrivilegedAction): Enforcement =>
  sameEntity(redeemerOf(action), action.subject) ? 'advisory' : 'guarded';

const STRENGTH: Readonly<Record<Enforcement, number>> = { advisory: 0, guarded: 1, brokered: 2 };

export const enforcesAtLeast = (offered: Enforcement, asked: Enforcement): boolean =>
  STRENGTH[offered] >= STRENGTH[asked];
