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
