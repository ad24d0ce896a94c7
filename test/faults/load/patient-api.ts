import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { HeaderValues } from '../../e2e/harness/api.ts';

export interface Settled {
  readonly status: number;
  readonly json: unknown;
}

export interface PatientOptions {
  /** Asked anew for each try. */
  readonly address: () => string;
  readonly token: string;
  /** Counts each answer that settled nothing: `503 store_unavailable`, `no answer`. */
  readonly onUnsettled: (what: string) => void;
}

const TRY_MS = 20_000;
const GIVE_UP_MS = 180_000;
const FIRST_PAUSE_MS = 50;
const LAST_PAUSE_MS = 1_000;

/**
 * A caller that does what the API asks of one: it repeats the same call until an answer settles it, which neither
 * silence nor 429 nor 5xx does. That a call isn't settled for three minutes is an error.
 */
export class PatientApi {
  readonly #options: PatientOptions;

  constructor(options: PatientOptions) {
    this.#options = options;
  }

  get(path: string): Promise<Settled> {
    return this.#call('GET', path, undefined, {});
  }

  post(path: string, body: object = {}, headers: HeaderValues = {}): Promise<Settled> {
    return this.#call('POST', path, JSON.stringify(body), headers);
  }

  async #call(
    method: string,
    path: string,
    body: string | undefined,
    headers: HeaderValues,
  ): Promise<Settled> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    let last = '';
    for (let tries = 0; performance.now() < giveUpAt; tries += 1) {
      const answer = await this.#try(method, path, body, headers);
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) return answer;
      last = answer === undefined ? 'no answer' : `${answer.status} ${codeOf(answer.json)}`;
      this.#options.onUnsettled(last);
      await delay(Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries));
    }
    throw new Error(`${method} ${path} was never settled; the last try met ${last}.`);
  }

  async #try(
    method: string,
    path: string,
    body: string | undefined,
    headers: HeaderValues,
  ): Promise<Settled | undefined> {
    const { address, token } = this.#options;
    try {
      const response = await fetch(`${address()}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
        signal: AbortSignal.timeout(TRY_MS),
        ...(body !== undefined && { body }),
      });
      return { status: response.status, json: parse(await response.text()) };
    } catch {
      return undefined;
    }
  }
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const coded = z.object({ code: z.string() });

export const codeOf = (json: unknown): string => coded.safeParse(json).data?.code ?? 'without a code';
