import type { SlackState } from '../slack-state.ts';

const LIFE_MS = 30 * 60_000;
const MOST_USES = 5;

/** Each answers one click, privately: five times, for half an hour. */
export class ResponseUrls {
  readonly #state: SlackState;
  readonly #open = new Map<string, { channel: string; user: string; untilMs: number; uses: number }>();

  constructor(state: SlackState) {
    this.#state = state;
  }

  make(channel: string, user: string): string {
    const id = this.#state.nextId('R');
    this.#open.set(id, { channel, user, untilMs: this.#state.nowMs() + LIFE_MS, uses: 0 });
    return id;
  }

  /** Whether it was still good. */
  answer(id: string, { text }: Readonly<Record<string, unknown>>): boolean {
    const url = this.#open.get(id);
    if (url === undefined || url.uses >= MOST_USES || this.#state.nowMs() > url.untilMs) return false;
    url.uses += 1;
    const { channel, user } = url;
    this.#state.ephemerals.push({ channel, user, text: typeof text === 'string' ? text : '', blocks: [] });
    return true;
  }
}
