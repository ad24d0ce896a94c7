/** What Slack answers with status 200 and `ok: false`. */
export class SlackRefusal extends Error {
  override readonly name = 'SlackRefusal';
  /** Slack's own code: `channel_not_found`. */
  readonly code: string;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, members: Readonly<Record<string, unknown>> = {}) {
    super(code);
    this.code = code;
    this.members = members;
  }

  /** With Slack's list of what is wrong. */
  static because(code: string, problems: readonly string[]): SlackRefusal {
    return new SlackRefusal(code, {
      response_metadata: { messages: problems.map((problem) => `[ERROR] ${problem}`) },
    });
  }
}

/** Answered with a status of HTTP. */
export class HttpRefusal extends Error {
  override readonly name = 'HttpRefusal';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.headers = headers;
  }
}
