import type { CommandProof } from '@countersign/contracts';
import { CodedError } from '@countersign/kernel';
import type { Authenticator } from './authenticator.ts';
import type { Caller } from './caller.ts';

/** Who stands behind a command of the bus that takes the principal's own token as its proof, and no other. */
export const provenCaller = async (
  authenticator: Authenticator,
  { kind, token }: CommandProof,
): Promise<Caller> => {
  if (kind === 'identity') return authenticator.authenticate(token, 'nats');
  throw new CodedError('proof_invalid', "This command takes the principal's own token as proof.", {
    field: 'proof.kind',
  });
};
