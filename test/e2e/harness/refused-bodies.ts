import type { Body } from './api.ts';
import { smallExport } from './life-cycle.ts';

/** A request whose context holds this piece of JSON text, as it is. */
const withContext = (json: string): string =>
  `{"action":{"name":"data.export"},"resource":{"type":"Dataset","id":"customers"},"context":{"justification":"x",${json}}}`;
const nested = (levels: number): string => `"deep":${'['.repeat(levels)}1${']'.repeat(levels)}`;
const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, 'latin1'));
const without = (part: string): object => ({ ...smallExport(), [part]: undefined });
const context = (members: object): object => ({
  ...smallExport(),
  context: { justification: 'Why not', ...members },
});

export type Refused = [what: string, body: Body | undefined, status: number, code: string, field?: string];

const MALFORMED: Refused[] = [
  ['no body', undefined, 400, 'invalid_field', 'body'],
  ['an empty body', '', 400, 'invalid_field', 'body'],
  ['half a body', '{"action":', 400, 'malformed_json'],
  ['two bodies', '{}{}', 400, 'malformed_json'],
  ['a trailing comma', withContext('"a":1,'), 400, 'malformed_json'],
  ['a comment', withContext('"a":1/**/'), 400, 'malformed_json'],
  ['single quotes', "{'action':1}", 400, 'malformed_json'],
  ['NaN', withContext('"n":NaN'), 400, 'malformed_json'],
  ['a byte order mark', `\uFEFF${JSON.stringify(smallExport())}`, 400, 'malformed_json'],
  ['bytes that are no UTF-8', bytes(withContext('"a":"\xff\xfe"')), 400, 'malformed_json'],
  ['an overlong encoding', bytes(withContext('"a":"\xc0\xaf"')), 400, 'malformed_json'],
  ['a raw control character in a string', withContext('"a":"\u0001"'), 400, 'malformed_json'],
];

const NOT_CANONICAL: Refused[] = [
  ['a key that stands twice', withContext('"rows":1,"rows":2'), 400, 'duplicate_key', 'context.rows'],
  ['the same key, escaped', withContext('"rows":1,"r\\u006fws":2'), 400, 'duplicate_key', 'context.rows'],
  ['a key twice far down', withContext('"a":[{"b":1,"b":1}]'), 400, 'duplicate_key', 'context.a.0.b'],
  ['an integer beyond 2^53-1', withContext('"n":9007199254740992'), 400, 'unsafe_integer', 'context.n'],
  ['an integer below -(2^53-1)', withContext('"n":-9007199254740992'), 400, 'unsafe_integer', 'context.n'],
  ['a number beyond all doubles', withContext('"n":1e400'), 400, 'non_finite_number', 'context.n'],
  ['half a surrogate pair', withContext('"a":"\\ud800"'), 400, 'lone_surrogate', 'context.a'],
  ['half a pair in a key', withContext('"a\\udc00":1'), 400, 'lone_surrogate', 'context.a\uFFFD'],
  ['the key __proto__', withContext('"__proto__":{}'), 400, 'forbidden_key', 'context.__proto__'],
  ['the key __entity', withContext('"a":{"__entity":1}'), 400, 'forbidden_key', 'context.a.__entity'],
  ['the key __extn', withContext('"__extn":1'), 400, 'forbidden_key', 'context.__extn'],
  ['the key __expr, escaped', withContext('"_\\u005fexpr":1'), 400, 'forbidden_key', 'context.__expr'],
  ['nesting of 33', withContext(nested(31)), 400, 'nesting_too_deep', `context.deep${'.0'.repeat(30)}`],
  ['nesting without end', withContext(nested(20_000)), 400, 'nesting_too_deep'],
];

const TOO_LARGE: Refused[] = [
  ['49 KiB of canonical form', context({ blob: 'a'.repeat(49 * 1024) }), 413, 'too_large'],
  ['a body over 64 KiB', context({ blob: 'a'.repeat(65 * 1024) }), 413, 'too_large'],
  ['a body of 64 KiB of white space', `${' '.repeat(65_536)}${withContext('"a":1')}`, 413, 'too_large'],
];

const MISSHAPEN: Refused[] = [
  ['an array', [], 400, 'invalid_field', 'body'],
  ['null', 'null', 400, 'invalid_field', 'body'],
  ['a string', '"export"', 400, 'invalid_field', 'body'],
  ['no action', without('action'), 400, 'invalid_field', 'action'],
  ['no resource', without('resource'), 400, 'invalid_field', 'resource'],
  ['no context', without('context'), 400, 'invalid_field', 'context'],
  ['an unknown member', { ...smallExport(), priority: 'high' }, 400, 'unknown_field', 'priority'],
  [
    'a subject of its own',
    { ...smallExport(), subject: { type: 'User', id: 'alice' } },
    400,
    'unknown_field',
    'subject',
  ],
  [
    'an unknown member of the action',
    { ...smallExport(), action: { name: 'x', as: 'y' } },
    400,
    'unknown_field',
    'action.as',
  ],
  [
    'an unknown member of the resource',
    { ...smallExport(), resource: { type: 'Dataset', id: 'c', owner: 'etl-bot' } },
    400,
    'unknown_field',
    'resource.owner',
  ],
  [
    'an action without a name',
    { ...smallExport(), action: { name: '' } },
    400,
    'invalid_field',
    'action.name',
  ],
  [
    'properties that are none',
    { ...smallExport(), resource: { type: 'D', id: 'c', properties: [] } },
    400,
    'invalid_field',
    'resource.properties',
  ],
];

const CONTEXTS: Refused[] = [
  [
    'no justification',
    { ...smallExport(), context: { rows: 1 } },
    400,
    'invalid_field',
    'context.justification',
  ],
  ['an empty justification', context({ justification: '' }), 400, 'invalid_field', 'context.justification'],
  [
    '2,001 characters of it',
    context({ justification: '𝒥'.repeat(2_001) }),
    400,
    'invalid_field',
    'context.justification',
  ],
  ['a destination of a wrong type', context({ destination: 1 }), 400, 'invalid_field', 'context.destination'],
  ['an impact of a wrong type', context({ impact: null }), 400, 'invalid_field', 'context.impact'],
  ['a command as one string', context({ command: 'rm -rf /' }), 400, 'invalid_field', 'context.command'],
  ['an empty command', context({ command: [] }), 400, 'invalid_field', 'context.command'],
  [
    'an executor without an id',
    context({ executor: { type: 'Service' } }),
    400,
    'invalid_field',
    'context.executor.id',
  ],
  [
    'an executor with more',
    context({ executor: { type: 'Service', id: 'x', as: 'y' } }),
    400,
    'unknown_field',
    'context.executor.as',
  ],
  ['a credential of a wrong type', context({ credential: 'pg' }), 400, 'invalid_field', 'context.credential'],
  ['labels that are no strings', context({ labels: { a: 1 } }), 400, 'invalid_field', 'context.labels'],
];

/** Bodies of a request that are refused, and how. */
export const REFUSED_BODIES: readonly Refused[] = [
  ...MALFORMED,
  ...NOT_CANONICAL,
  ...TOO_LARGE,
  ...MISSHAPEN,
  ...CONTEXTS,
];
