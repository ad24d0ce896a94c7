/** A refusal of the fake server, answered as RFC 9457 problem details. */
export class FakeProblem extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(status: number, code: string, detail: string, field?: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.field = field;
  }

  body(): object {
    const { status, code, message: detail, field } = this;
    return { type: `urn:countersign:problem:${code}`, title: code, status, code, detail, field };
  }
}
