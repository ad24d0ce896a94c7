import { BusError } from '@countersign/bus';
import { CodedError, isJsonObject, type Json, type JsonObject } from '@countersign/kernel';

/** Most bytes of one message; a request's body (64 KiB) with its token and envelope fits well. */
export const MAX_MESSAGE_BYTES = 262_144;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const malformed = (message: string, cause?: unknown) => new BusError('malformed_message', message, { cause });

export const encodeMessage = (message: Json, maxBytes = MAX_MESSAGE_BYTES): Uint8Array => {
  const data = Buffer.from(JSON.stringify(message), 'utf8');
  if (data.byteLength > maxBytes) {
    throw malformed(`A message may have ${maxBytes} bytes; this one has ${data.byteLength}.`);
  }
  return data;
};

export const decodeMessage = (data: Uint8Array): Json => {
  if (data.byteLength > MAX_MESSAGE_BYTES) throw malformed('The message is too large.');
  try {
    return JSON.parse(utf8.decode(data)) as Json;
  } catch (error) {
    throw malformed('The message is not JSON in UTF-8.', error);
  }
};

/** What a served call is answered with: `{result}`, or `{error: {code, message, field?, members?}}`. */
export const encodeResult = (result: Json): Uint8Array => encodeMessage({ result });

export const encodeError = ({ code, message, field, members }: CodedError): Uint8Array =>
  encodeMessage({
    error: { code, message, ...(field !== undefined && { field }), ...(members && { members }) },
  });

/** The result; a remote error is thrown as the `CodedError` it was, anything else is `malformed_message`. */
export const decodeAnswer = (data: Uint8Array): Json => {
  const answer = decodeMessage(data);
  if (isJsonObject(answer)) {
    const { result, error } = answer;
    if (result !== undefined && error === undefined) return result;
    if (result === undefined && isJsonObject(error)) throw remoteError(error);
  }
  throw malformed('The answer is neither a result nor an error.');
};

const remoteError = ({ code, message, field, members }: JsonObject): CodedError => {
  if (typeof code !== 'string' || !/^[a-z][a-z0-9_]{0,63}$/.test(code) || typeof message !== 'string') {
    return malformed('The answer is an error without a code.');
  }
  return new CodedError(code, message, {
    field: typeof field === 'string' ? field : undefined,
    members: isJsonObject(members) ? members : undefined,
  });
};
