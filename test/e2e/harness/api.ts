import { requireDescribed } from './described-answers.ts';

/** An answer as it came: status, headers, and the body as text and as JSON (undefined where it is none). */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

export type Body = string | Uint8Array<ArrayBuffer> | object;

export type HeaderValues = Readonly<Record<string, string>>;

/** Calls as one caller. Nothing is checked or repaired on the way: text and bytes are sent as they are. */
export class Api {
  readonly #address: string;
  readonly #headers: HeaderValues;

  constructor(address: string, headers: HeaderValues) {
    this.#address = address;
    this.#headers = headers;
  }

  get(path: string, headers: HeaderValues = {}): Promise<Answer> {
    return this.#send('GET', path, undefined, headers);
  }

  /** An object is sent as JSON. */
  post(path: string, body?: Body, headers: HeaderValues = {}): Promise<Answer> {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const type: HeaderValues = body === undefined ? {} : { 'content-type': 'application/json' };
    return this.#send('POST', path, isRaw ? body : JSON.stringify(body), { ...type, ...headers });
  }

  async #send(
    method: string,
    path: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers: HeaderValues,
  ): Promise<Answer> {
    const response = await fetch(`${this.#address}${path}`, {
      method,
      headers: { ...this.#headers, ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, text, json: jsonOf(text) };
    await requireDescribed(this.#address, method, path, answer);
    return answer;
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
