import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isCoded } from '../is-coded.ts';
import { isUntrustedRecord } from '../threads/untrusted-record.ts';
import type { Logger } from '../telemetry/logger.ts';
import { problemDocument, problemHeaders, type Finding } from './problem-document.ts';
import { isProblemCode, problemStatus, type ProblemCode } from './problem-status.ts';
import { routeOf } from './route-of.ts';

const INTERNAL: Finding = {
  code: 'internal_error',
  detail: 'Something went wrong on our side; the instance names it in the log.',
};

/** Which event of which stream, and what is wrong with it, stands in the log: it is nobody's business here. */
const NOT_TRUSTED: Finding = {
  code: 'record_not_trusted',
  detail: "The record of this request can't be trusted, so nothing follows from it; an operator has to look.",
};

/** What fastify and Nest find before any of our code is asked, by their status. */
const BY_STATUS: Readonly<Record<number, Finding>> = {
  404: { code: 'not_found', detail: 'There is nothing here.' },
  405: { code: 'method_not_allowed', detail: 'This is served by another method; Allow names it.' },
  413: { code: 'too_large', detail: 'The body is larger than this route takes.' },
  415: { code: 'unsupported_media_type', detail: 'Send application/json.' },
};

const BAD_REQUEST: Finding = {
  code: 'bad_request',
  detail: 'The request is not well-formed HTTP for this API.',
};

/** Refused in a flood, and counted in a metric: a line for each would be a flood in the log. */
const COUNTED: ReadonlySet<ProblemCode> = new Set(['overloaded']);

/** Error → what may be told. Anything unforeseen tells nothing. */
export const findingOf = (error: unknown): Finding => {
  if (isCoded(error)) {
    const { code, message: detail, field, members, retryAfterS } = error;
    if (isProblemCode(code)) return { code, detail, field, members, retryAfterS };
    return isUntrustedRecord(error) ? NOT_TRUSTED : INTERNAL;
  }
  const status = error instanceof HttpException ? error.getStatus() : 500;
  return status < 500 ? (BY_STATUS[status] ?? BAD_REQUEST) : INTERNAL;
};

const send = (response: FastifyReply, { id }: FastifyRequest, finding: Finding, status: number): void =>
  void response
    .status(status)
    .headers(problemHeaders(finding, status))
    .send(problemDocument(finding, status, id));

/** An address that fastify can't route at all never meets the filter: broken escapes, an endless part. */
export const answerUnroutable = (_error: unknown, request: FastifyRequest, response: FastifyReply): void =>
  send(response, request, BAD_REQUEST, problemStatus(BAD_REQUEST.code));

export interface ProblemFilterOptions {
  readonly log: Logger;
  /** The methods that a path without a match is served by, as an Allow header lists them. */
  readonly allowedMethods: (path: string) => readonly string[];
}

/** The one place where an error meets HTTP: RFC 9457 problem details with a stable `code`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #options: ProblemFilterOptions;

  constructor(options: ProblemFilterOptions) {
    this.#options = options;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const response = host.switchToHttp().getResponse<FastifyReply>();
    const finding = this.#find(error, request, response);
    const { code } = finding;
    const status = problemStatus(code, routeOf(request));
    if (status >= 500 && !COUNTED.has(code))
      this.#options.log.error('A call failed.', { code, request_id: request.id, error });
    send(response, request, finding, status);
  }

  #find(error: unknown, request: FastifyRequest, response: FastifyReply): Finding {
    const finding = findingOf(error);
    if (isCoded(error) || finding.code !== 'not_found') return finding;
    const allowed = this.#options.allowedMethods(request.url.split('?', 1)[0] ?? '');
    if (allowed.length === 0) return finding;
    void response.header('allow', allowed.join(', '));
    return BY_STATUS[405] ?? finding;
  }
}
