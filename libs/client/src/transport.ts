import { problemCodeOf, readAnswer, readProblem, type Answered, type AnswerSchema } from './answer.ts';
import { backOffMs, notBeforeMs, pause, retryAfterMs } from './back-off.ts';
import { CountersignError } from './countersign-error.ts';

type Attempted = Answered | { readonly cause: unknown };

export type Fetch = typeof globalThis.fetch;

/** Where the bearer token comes from: fixed, or asked for before each attempt. */
export type Credentials =
  | { readonly token: string; readonly tokenProvider?: never }
  | { readonly tokenProvider: () => string | Promise<string>; readonly token?: never };

export type TransportOptions = Credentials & {
  /** `https://countersign.example`, a path prefix allowed. */
  readonly baseUrl: string;
  readonly fetch?: Fetch;
  /** How long a call is repeated while the server can't be reached. Default 30 s. */
  readonly deadlineMs?: number;
  /** How long one attempt may take beyond the wait that it asks for. Default 10 s. */
  readonly attemptTimeoutMs?: number;
};

export interface CallOptions {
  /** Ends a wait or a pause at once. A write in flight is heard out first: its answer decides what is true. */
  readonly signal?: AbortSignal | undefined;
  readonly deadlineMs?: number | undefined;
}

export interface Call<Answer> extends CallOptions {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly answer: AnswerSchema<Answer>;
  /** Whether the same call again is answered as the first one was. Another is repeated only where it was turned away. */
  readonly repeatable: boolean;
  /** How long the server may hold the answer back. */
  readonly waitMs?: number;
}

/** Somebody on the way, or the server itself, says that it can't answer now. */
const UNAVAILABLE: ReadonlySet<number> = new Set([429, 502, 503, 504]);

const OVER_A_CAP = 429;

/** Answered before anything was done: even a call that isn't repeatable may be sent again. */
const turnedAway = (answered: Attempted): boolean =>
  'status' in answered && (answered.status === OVER_A_CAP || problemCodeOf(answered) === 'overloaded');

const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted !== true) return;
  throw new CountersignError('aborted', 'The call was aborted before it was answered.', {
    cause: signal.reason,
  });
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const parseBaseUrl = (baseUrl: string): URL => {
  const url = URL.parse(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new CountersignError(
      'invalid_base_url',
      'The address of the server has to be an http or https URL without credentials.',
      { field: 'baseUrl' },
    );
  }
  return url;
};

/** Refused here, because the HTTP library's complaint would quote the token. */
const checkToken = (token: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new CountersignError('invalid_token', 'The token has to be one word of visible ASCII characters.', {
    field: 'token',
  });
};

/** One HTTP call with its repeats, deadline and back-off. */
export class Transport {
  readonly #baseUrl: URL;
  readonly #token: () => string | Promise<string>;
  readonly #fetch: Fetch;
  readonly #deadlineMs: number;
  readonly #attemptTimeoutMs: number;

  constructor(options: TransportOptions) {
    this.#baseUrl = parseBaseUrl(options.baseUrl);
    this.#token = options.tokenProvider ?? (() => options.token);
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#deadlineMs = options.deadlineMs ?? 30_000;
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 10_000;
  }

  async call<Answer>(call: Call<Answer>): Promise<Answer> {
    const deadline = performance.now() + (call.deadlineMs ?? this.#deadlineMs) + (call.waitMs ?? 0);
    for (let attempt = 1; ; attempt += 1) {
      throwIfAborted(call.signal);
      const answered = await this.#attempt(call);
      if ('status' in answered && !UNAVAILABLE.has(answered.status)) {
        if (answered.status >= 200 && answered.status < 300) return readAnswer(call.answer, answered);
        throw readProblem(answered);
      }
      const askedMs = 'status' in answered ? retryAfterMs(answered.retryAfter, Date.now()) : undefined;
      const waitMs = askedMs === undefined ? backOffMs(attempt) : notBeforeMs(askedMs);
      const mayRepeat = call.repeatable || turnedAway(answered);
      if (!mayRepeat || performance.now() + waitMs > deadline) throw this.#givingUp(answered, askedMs);
      await pause(waitMs, call.signal);
    }
  }

  async #attempt<Answer>(call: Call<Answer>): Promise<Attempted> {
    const token = checkToken(await this.#token());
    const timeout = AbortSignal.timeout(this.#attemptTimeoutMs + (call.waitMs ?? 0));
    const interruptible = call.method === 'GET' && call.signal !== undefined;
    try {
      const response = await this.#fetch(this.#url(call), {
        method: call.method,
        headers: {
          accept: 'application/json, application/problem+json',
          authorization: `Bearer ${token}`,
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...call.headers,
        },
        body: call.body === undefined ? null : Buffer.from(call.body),
        // Followed, a redirect would carry the token to an address that nobody configured.
        redirect: 'manual',
        signal: interruptible ? AbortSignal.any([timeout, call.signal]) : timeout,
      });
      const body = parseJson(await response.text());
      return { status: response.status, retryAfter: response.headers.get('retry-after'), body };
    } catch (cause) {
      if (interruptible) throwIfAborted(call.signal);
      return { cause };
    }
  }

  #url({ path, query = {} }: Call<unknown>): URL {
    const url = new URL(path, this.#baseUrl);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  #givingUp(answered: Attempted, askedMs: number | undefined): CountersignError {
    const retryAfterS = askedMs === undefined ? undefined : Math.ceil(askedMs / 1_000);
    const message = `Countersign can't be reached at ${this.#baseUrl.origin}`;
    if (!('status' in answered)) {
      return new CountersignError('unreachable', `${message}; check the address and that it runs.`, {
        cause: answered.cause,
      });
    }
    const refusal = readProblem(answered);
    const { status, problem } = refusal;
    if (status === OVER_A_CAP && problem !== undefined) {
      return new CountersignError(problem.code, `${problem.detail}${comeBack(retryAfterS)}`, {
        status,
        problem,
        retryAfterS,
      });
    }
    const said = problem === undefined ? `it answers ${status}` : `${problem.code}: ${problem.detail}`;
    return new CountersignError('unreachable', `${message} now (${said}); try again later.`, {
      status,
      problem,
      retryAfterS,
      cause: refusal,
    });
  }
}

const comeBack = (seconds: number | undefined): string =>
  seconds === undefined ? '' : ` Try again in ${seconds} s.`;
