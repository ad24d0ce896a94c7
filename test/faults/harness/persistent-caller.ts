import { setTimeout as delay } from 'node:timers/promises';
import { problem } from '@countersign/contracts';

export interface Answer {
  readonly status: number;
  readonly json: unknown;
  /** Of a refusal; empty otherwise. */
  readonly code: string;
}

export interface CallerOptions {
  readonly address: string;
  readonly token: string;
  /** When to give up: something is stuck. */
  readonly patienceMs: number;
  /** Told of each answer that settled nothing, before the call is repeated. */
  readonly onRepeat?: (answer: Answer) => void;
}

/** No answer, or one by which nobody knows yet: the client says the same again. */
const MAYBE = new Set([0, 429, 502, 503, 504]);
const ANSWER_MS = 15_000;
const PAUSE_MS = 100;

/** A client as the documents ask for it: it repeats a call, word for word, until it hears how it ended. */
export class PersistentCaller {
  readonly #options: CallerOptions;

  constructor(options: CallerOptions) {
    this.#options = options;
  }

  get(path: string): Promise<Answer> {
    return this.#persist('GET', path, undefined, {});
  }

  post(path: string, body: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.#persist('POST', path, JSON.stringify(body), {
      'content-type': 'application/json',
      ...headers,
    });
  }

  async #persist(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const { patienceMs, onRepeat } = this.#options;
    for (const startedMs = performance.now(); ;) {
      const answer = await this.#call(method, path, body, headers);
      if (!MAYBE.has(answer.status)) return answer;
      onRepeat?.(answer);
      if (performance.now() - startedMs > patienceMs) {
        throw new Error(`${method} ${path} is stuck at ${answer.status}: ${JSON.stringify(answer.json)}`);
      }
      await delay(PAUSE_MS);
    }
  }

  /** Status 0: the answer didn't come. */
  async #call(
    method: string,
    path: string,
    body: string | undefined,
    headers: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const { address, token } = this.#options;
    try {
      const response = await fetch(`${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, ...headers },
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(body !== undefined && { body }),
      });
      const text = await response.text();
      return { status: response.status, ...read(text) };
    } catch (error) {
      return { status: 0, json: String(error instanceof Error ? (error.cause ?? error) : error), code: '' };
    }
  }
}

const read = (text: string): Pick<Answer, 'json' | 'code'> => {
  try {
    const json: unknown = JSON.parse(text);
    return { json, code: problem.safeParse(json).data?.code ?? '' };
  } catch {
    return { json: text, code: '' };
  }
};
