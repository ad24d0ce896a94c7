import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemDocument, problemHeaders, type Finding } from './problem-document.ts';
import { problemStatus } from './problem-status.ts';
import { SAFE_HEADERS } from './response-headers.ts';

/** By what Node's HTTP parser says. */
const BY_PARSER: Readonly<Record<string, Finding>> = {
  HPE_HEADER_OVERFLOW: { code: 'headers_too_large', detail: 'The headers are larger than is taken: 16 KiB.' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request_timeout', detail: 'The request took too long to arrive.' },
};

const UNREADABLE: Finding = { code: 'bad_request', detail: 'This is not well-formed HTTP.' };

const headLine = ([name, value]: [string, string]): string => `${name}: ${value}\r\n`;

/** A call that the HTTP parser gives up on meets neither fastify nor Nest: it is answered on its connection. */
export const answerUnreadable = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const finding = BY_PARSER[error.code ?? ''] ?? UNREADABLE;
  const status = problemStatus(finding.code);
  const body = problemDocument(finding, status, randomUUID());
  const headers = {
    ...problemHeaders(finding, status),
    ...SAFE_HEADERS,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Error'}\r\n`;
  socket.end(`${head}${Object.entries(headers).map(headLine).join('')}\r\n${body}`, () => socket.destroy());
};
