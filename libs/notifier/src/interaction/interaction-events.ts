import { knownEvents, type DomainEvent, type Timestamp } from '@countersign/kernel';
import type { Click } from './click.ts';

/** A click stands: at `no-stream` on `interaction-<hash>`, so that it is received once whatever is delivered. */
export type InteractionReceived = DomainEvent<
  'InteractionReceived',
  Click & {
    readonly receivedAt: Timestamp;
  }
>;

/** What policy, or the channel's check of the account, made of it; ends the stream. */
export type InteractionAnswered = DomainEvent<
  'InteractionAnswered',
  {
    readonly requestId: string;
    readonly outcome: 'decided' | 'refused';
    /** The request's status after a decision, or the code of the refusal. */
    readonly result: string;
    /** What who clicked was told, in a sentence. */
    readonly detail: string;
    readonly answeredAt: Timestamp;
  }
>;

export type InteractionEvent = InteractionReceived | InteractionAnswered;

/** Read from an `interaction-<hash>` stream; `unknown_event_type` for any other. */
export const interactionEvents = (
  recorded: readonly { readonly type: string; readonly data: object }[],
): readonly InteractionEvent[] =>
  knownEvents<InteractionEvent>({ InteractionReceived: true, InteractionAnswered: true }, recorded);
