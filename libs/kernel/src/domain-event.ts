import { CodedError } from './coded-error.ts';

/** What a decider returns and a fold takes: the noun alone, without envelope. */
export interface DomainEvent<Type extends string = string, Data extends object = object> {
  readonly type: Type;
  readonly data: Data;
}

/**
 * A decider's answer. `decided` holds at least one event; `unchanged` is a repeat of what already stands,
 * answered as the first time; `refused` appends nothing to the stream it was asked of.
 */
export type Outcome<Event extends DomainEvent, Refusal> =
  | { readonly kind: 'decided'; readonly events: readonly [Event, ...Event[]] }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const decided = <Event extends DomainEvent>(
  ...events: [Event, ...Event[]]
): Outcome<Event, never> => ({ kind: 'decided', events });

export const UNCHANGED: Outcome<never, never> = { kind: 'unchanged' };

export const refused = <Refusal>(refusal: Refusal): Outcome<never, Refusal> => ({ kind: 'refused', refusal });

/**
 * Narrows what was read from one stream to the events its owner knows. Fails closed with
 * `unknown_event_type`: an old binary must not skip a revocation. The data's shape is the writer's promise,
 * kept by its signature.
 */
export const knownEvents = <Event extends DomainEvent>(
  types: Readonly<Record<Event['type'], true>>,
  recorded: readonly { readonly type: string; readonly data: object }[],
): readonly Event[] =>
  recorded.map(({ type, data }) => {
    if (!Object.hasOwn(types, type)) throw unknownEventType(type);
    return { type, data } as Event;
  });

export const unknownEventType = (type: string): CodedError<'unknown_event_type'> =>
  new CodedError('unknown_event_type', `This build knows no event "${type}" here; run a newer one.`);

/** For an event that its stream's rules exclude where it stands: forged or corrupt, never to be folded. */
export const impossibleEvent = (type: string, status: string): CodedError<'impossible_event'> =>
  new CodedError('impossible_event', `"${type}" can't follow in a stream that is ${status}; it is corrupt.`);
