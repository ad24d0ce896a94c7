import { SlackRefusal } from './slack-refusal.ts';
import type { SlackClock } from './slack-clock.ts';

const LIFE_MS = 3_000;

interface Trigger {
  readonly user: string;
  readonly team: string;
  readonly madeMs: number;
  /** The view it was pressed in. */
  readonly viewId: string | undefined;
  used: boolean;
}

/** A trigger opens one view, once, within three seconds of the click it came with. */
export class TriggerBox {
  readonly #clock: SlackClock;
  readonly #nextId: (prefix: string) => string;
  readonly #triggers = new Map<string, Trigger>();

  constructor(clock: SlackClock, nextId: (prefix: string) => string) {
    this.#clock = clock;
    this.#nextId = nextId;
  }

  make(team: string, user: string, viewId?: string): string {
    const id = this.#nextId('trigger.');
    this.#triggers.set(id, { user, team, viewId, madeMs: this.#clock.nowMs(), used: false });
    return id;
  }

  use(id: unknown): Trigger {
    const trigger = this.#triggers.get(String(id));
    if (trigger === undefined) throw new SlackRefusal('invalid_trigger_id');
    if (trigger.used) throw new SlackRefusal('exchanged_trigger_id');
    if (this.#clock.nowMs() - trigger.madeMs > LIFE_MS) throw new SlackRefusal('expired_trigger_id');
    trigger.used = true;
    return trigger;
  }
}
