export type { Bus, Doorbell, Hearing, RequestOptions, StopHearing } from './bus.ts';
export { BusError, type BusErrorCode } from './bus-error.ts';
export type { RequestQueue, RequestVerdict, SubmittedRequest } from './request-queue.ts';
export type { RequesterOutlet } from './requester-outlet.ts';
export { issueCommandProof, type ChannelIdentity, type CommandProofOptions } from './command-proof.ts';
export {
  CommandProofVerifier,
  type CommandKeys,
  type CommandProofErrorCode,
  type CommandProofVerifierOptions,
  type ProvenChannel,
  type ProvenCommand,
} from './command-proof-verifier.ts';
