/** RFC 9110 §7.6.1, and what the next connection states anew. */
const OF_ONE_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const STATED_ANEW = new Set(['host', 'content-length', 'expect']);

const namedBy = (connection: string): readonly string[] =>
  connection.split(',').map((name) => name.trim().toLowerCase());

/** The request's headers as they came, name after value, without those that end at this hop. */
export const forwardedHeaders = (raw: readonly string[], connection = ''): string[] => {
  const dropped = new Set([...OF_ONE_HOP, ...STATED_ANEW, ...namedBy(connection)]);
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = raw.slice(at, at + 2);
    if (!dropped.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
};

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer's headers without those that end at this hop. */
export const returnedHeaders = (headers: Headers): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] => entry[1] !== undefined && !OF_ONE_HOP.has(entry[0]),
    ),
  );
