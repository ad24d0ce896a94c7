import { isCountersignError } from '@countersign/client';
import { CodedError, visible, type JsonObject } from '@countersign/kernel';

/** The next step, where the code says more than its sentence. */
const HINTS: Readonly<Record<string, string>> = {
  unreachable: 'Is it running, and is --url (or COUNTERSIGN_URL) its address?',
  too_many_open_requests: '`countersign cancel <id>` takes back what nobody needs any more.',
  no_token: 'Set COUNTERSIGN_TOKEN_FILE or COUNTERSIGN_TOKEN; in development, --as alice.',
  token_expired: 'Get a fresh token.',
  not_human: 'Only a verified person decides; use a person’s token.',
  self_approval: 'Ask somebody else: nobody approves what they asked for or own.',
  not_eligible: 'Ask somebody of the required groups; `countersign show` names them.',
  review_closed: '`countersign show` says how it ended.',
  digest_mismatch: 'Look at the request again with `countersign show` before you decide.',
  policy_set_changed:
    'Somebody activated another set; compare with `countersign policy show`, then activate again.',
  store_locked:
    'A process that runs holds its SQLite log alone: stop it first. A log on a server can be exported while in use.',
  store_unavailable: 'Call it again when the store answers; an import goes on where it stopped.',
  append_uncertain: 'Call it again with the same file; the import goes on where it stopped.',
  binding_changed: 'Run it again: the changed command needs an approval of its own.',
};

interface Described {
  readonly code: string;
  readonly message: string;
  readonly status?: number;
  readonly field?: string;
  readonly requestId?: string;
}

const isCoded = (error: unknown): error is CodedError => error instanceof CodedError;

/** A cause that the outer error only wraps says more than the wrapper. */
const tellingOf = (error: CodedError): CodedError =>
  (error.code === 'refused' || error.code === 'execution_failed') && isCoded(error.cause)
    ? error.cause
    : error;

const describe = (error: unknown): Described => {
  if (!isCoded(error)) {
    return { code: 'unexpected', message: error instanceof Error ? error.message : String(error) };
  }
  const telling = tellingOf(error);
  const { status } = isCountersignError(telling) ? telling : {};
  const { requestId } = isCountersignError(error) ? error : {};
  return {
    code: telling.code,
    message: error.message.startsWith(telling.message)
      ? error.message
      : `${error.message} ${telling.message}`,
    ...(status === undefined ? {} : { status }),
    ...(telling.field === undefined ? {} : { field: telling.field }),
    ...(requestId === undefined ? {} : { requestId }),
  };
};

/** `countersign: <sentence>`, then the code and what to do next. Line ends of our own messages stay. */
export const errorText = (error: unknown): string => {
  const { code, message, status, field, requestId } = describe(error);
  const sentence = message.split('\n').map(visible).join('\n');
  const facts = [
    `code ${code}`,
    status === undefined ? undefined : `HTTP ${status}`,
    field === undefined ? undefined : `field ${visible(field)}`,
    requestId === undefined ? undefined : `request ${requestId}`,
  ].filter((fact) => fact !== undefined);
  const hint = HINTS[code];
  return `countersign: ${sentence}\n  ${facts.join(', ')}\n${hint === undefined ? '' : `  ${hint}\n`}`;
};

/** The same for programs. */
export const errorJson = (error: unknown): JsonObject => ({ error: { ...describe(error) } });
