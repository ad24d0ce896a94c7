const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|credentials?|.*(token|password|passwd|secret|private_?key))$/i;
/** A JWT, or its beginning: base64url of `{"` and what follows. */
const JWT = /eyJ[A-Za-z0-9_-]{4,}(\.[A-Za-z0-9_-]*)*/g;
const MAX_DEPTH = 8;

export const REDACTED = '[redacted]';

export const redactText = (text: string): string => text.replaceAll(JWT, REDACTED);

const redactError = (error: Error, depth: number): Record<string, unknown> => ({
  name: error.name,
  ...('code' in error ? { code: error.code } : {}),
  ...('field' in error ? { field: error.field } : {}),
  message: redactText(error.message),
  stack: redactText(error.stack ?? ''),
  ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
});

const redactMembers = (value: object, depth: number): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      SECRET_NAME.test(name) && member !== undefined ? REDACTED : redact(member, depth + 1),
    ]),
  );

/** A copy fit for a log: members with a secret's name and anything that looks like a JWT are struck out. */
export const redact = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '[deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value.toJSON();
  if (Array.isArray(value)) return value.map((member) => redact(member, depth + 1));
  return redactMembers(value, depth);
};
