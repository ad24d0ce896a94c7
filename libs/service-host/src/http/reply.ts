/** An answer with a status of its own choosing among those the route declares, and headers. */
export class Reply<Body = unknown> {
  readonly status: number;
  readonly body: Body;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: Body, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export const reply = <Body>(
  status: number,
  body: Body,
  headers: Readonly<Record<string, string>> = {},
): Reply<Body> => new Reply(status, body, headers);
