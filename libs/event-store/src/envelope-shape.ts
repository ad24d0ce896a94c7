import { isJsonObject, SERVICE_NAMES } from '@countersign/kernel';

export interface Fault {
  readonly field: string;
  readonly message: string;
}

type Check = (value: unknown) => boolean;

interface Rule {
  readonly check: Check;
  readonly message: string;
  readonly optional?: true;
}

const matches =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value);

const text = matches(/^[^]{1,1024}$/u);
const whole =
  (least: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= least;

/** Plain JSON data only: what a store gives back must equal what it took. */
const isPlain: Check = (value) => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  return isPlainObject(value) && Object.values(value).every(isPlain);
};

const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (!isJsonObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !Object.hasOwn(value, '__proto__');
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const ENVELOPE: Readonly<Record<string, Rule>> = {
  id: { check: matches(UUID), message: 'An event id is a lower-case UUID.' },
  type: { check: matches(/^[A-Z][A-Za-z0-9]{0,63}$/), message: 'An event type is PascalCase.' },
  schemaVersion: { check: whole(1), message: 'A schema version is a whole number from 1.' },
  data: { check: (value) => isPlainObject(value) && isPlain(value), message: 'Data is a plain JSON object.' },
  metadata: { check: isPlainObject, message: 'Metadata is a plain object.' },
};

const METADATA: Readonly<Record<string, Rule>> = {
  occurredAt: { check: matches(TIMESTAMP), message: 'Times are RFC 3339 UTC with milliseconds.' },
  correlationId: { check: text, message: 'Name the thread this event belongs to.' },
  causationId: { check: text, message: 'Name the event that caused this one.', optional: true },
  actor: { check: (value) => isActor(value), message: 'An actor is {type, id, via: {channel}}.' },
  service: {
    check: (value) => SERVICE_NAMES.some((name) => name === value),
    message: 'Name the service that writes.',
  },
  traceparent: { check: text, message: 'Give the trace context or leave it out.', optional: true },
  signature: { check: isPlainObject, message: 'Sign the append.' },
};

const SIGNATURE: Readonly<Record<string, Rule>> = {
  kid: { check: text, message: 'Name the key.' },
  first: { check: whole(0), message: 'The first revision of the append is a whole number.' },
  count: { check: whole(1), message: 'The size of the append is a whole number from 1.' },
  value: { check: matches(/^[A-Za-z0-9_-]{86}$/), message: 'An Ed25519 signature is 64 bytes in base64url.' },
};

const isActor = (value: unknown): boolean =>
  isPlainObject(value) &&
  text(value['type']) &&
  text(value['id']) &&
  isPlainObject(value['via']) &&
  text(value['via']['channel']) &&
  isPlain(value);

const firstFault = (
  value: object,
  rules: Readonly<Record<string, Rule>>,
  path: string,
): Fault | undefined => {
  const members = new Map<string, unknown>(Object.entries(value));
  const unknown = [...members.keys()].find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined) return { field: path + unknown, message: 'No such member in an envelope.' };
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.optional && !members.has(name)) continue;
    if (!rule.check(members.get(name))) return { field: path + name, message: rule.message };
  }
  return undefined;
};

/** The first thing that makes a value no envelope, or undefined where it is one. */
export const envelopeFault = (value: unknown): Fault | undefined => {
  if (!isPlainObject(value)) return { field: '', message: 'An event is a plain object.' };
  const metadata = value['metadata'];
  return (
    firstFault(value, ENVELOPE, '') ??
    (isPlainObject(metadata) ? firstFault(metadata, METADATA, 'metadata/') : undefined) ??
    (isPlainObject(metadata) && isPlainObject(metadata['signature'])
      ? firstFault(metadata['signature'], SIGNATURE, 'metadata/signature/')
      : undefined)
  );
};
