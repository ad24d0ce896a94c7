import type { FaultChances } from '@countersign/dev-event-store';

/** What goes wrong from now on; answered with how often what went wrong since the order before. */
export interface StoreOrder {
  readonly chances: FaultChances;
  readonly seed: number;
}

export type InjectedByKind = Readonly<Record<string, number>>;
