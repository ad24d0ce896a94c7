import type { ServiceName } from '@countersign/kernel';
import { z } from 'zod';

/** One command or query between services: who serves it, on which NATS subject, and both shapes. */
export interface BusCall<Payload, Reply> {
  readonly service: ServiceName;
  readonly natsSubject: string;
  readonly payload: z.ZodType<Payload>;
  readonly reply: z.ZodType<Reply>;
  readonly deadlineMs: number;
}

/**
 * Proof that a principal stands behind a command; the receiver checks it itself. `identity`: the
 * principal's own bearer token. `channel`: a command token by the service that verified a click,
 * valid for 60 s, once, for this payload, and only for that service's channel identities.
 */
export const commandProof = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('identity'), token: z.string().min(1).max(16_384) }),
  z.strictObject({ kind: z.literal('channel'), token: z.string().min(1).max(16_384) }),
]);
export type CommandProof = z.infer<typeof commandProof>;

/** The message of every command that acts for a principal. */
export const provenCommand = <Payload extends z.ZodType>(payload: Payload) =>
  z.strictObject({ payload, proof: commandProof });

export const doorbellNatsSubject = (category: string): string => `countersign.internal.doorbell.${category}`;
export const callNatsSubject = (service: ServiceName, name: string): string =>
  `countersign.internal.call.${service}.${name}`;
