import type { AppendVerifier, EventStore, RecordedEvent } from '@countersign/event-store';
import { CodedError, type EntityRef, type Timestamp } from '@countersign/kernel';
import { z } from 'zod';
import { parsePolicySet } from './parse-policy-set.ts';
import { POLICY_SET_STREAM, type PolicySetActivated } from './policy-set-events.ts';
import type { PolicyFile, PolicySet } from './policy-set.ts';

export interface ActivePolicySet {
  readonly set: PolicySet;
  /** Revision of the activation: the expected revision of the next. */
  readonly revision: number;
  readonly by: EntityRef;
  readonly activatedAt: Timestamp;
  readonly replaces?: string;
}

const text = z.string();
const storedData = z.object({ path: text, part: z.int(), parts: z.int(), content: text });
const activatedData = z.object({
  manifest: z.array(z.object({ path: text, digest: text })),
  digest: text,
  stored: z.int().min(1),
  by: z.object({ type: text, id: text }),
  replaces: text.exactOptional(),
});

const corrupt = (message: string, cause?: unknown): CodedError =>
  new CodedError('policy_set_corrupt', message, { field: POLICY_SET_STREAM, cause });

const parseActivated = (head: RecordedEvent): PolicySetActivated['data'] => {
  const parsed = head.type === 'PolicySetActivated' ? activatedData.safeParse(head.data) : undefined;
  if (parsed?.success !== true || parsed.data.stored > head.revision) {
    throw corrupt(`Revision ${head.revision} activates nothing.`, parsed?.error);
  }
  return parsed.data;
};

/** Joins the parts of each file; out of order or incomplete is corrupt, never repaired. */
const joinFiles = (events: readonly RecordedEvent[]): readonly PolicyFile[] => {
  const files: PolicyFile[] = [];
  let [path, content, next, parts] = ['', '', 1, 0];
  for (const { type, data, revision } of events) {
    const stored = type === 'PolicyFileStored' ? storedData.safeParse(data).data : undefined;
    const inOrder = stored?.part === next && (next === 1 || (stored.path === path && stored.parts === parts));
    if (stored === undefined || !inOrder)
      throw corrupt(`Revision ${revision} isn't the file part expected here.`);
    ({ path, parts } = stored);
    content = next === 1 ? stored.content : content + stored.content;
    next = stored.part === parts ? 1 : next + 1;
    if (next === 1) files.push({ path, content });
  }
  if (next !== 1) throw corrupt(`${path} lacks its last parts.`);
  return files;
};

const sameHead = (a: RecordedEvent, b: RecordedEvent): boolean =>
  a.id === b.id &&
  a.revision === b.revision &&
  a.metadata.signature.value === b.metadata.signature.value &&
  (a.data === b.data || JSON.stringify(a.data) === JSON.stringify(b.data));

/**
 * The set in force, by the stream's head: each call asks the store, so an activation counts from the
 * moment it is durable. An activation is verified whole (signature, parts, digest) when first seen;
 * parsed sets are kept by digest, the least recently used go first.
 */
export class ActivePolicySetReader {
  readonly #store: EventStore;
  readonly #verifier: Pick<AppendVerifier, 'verify'>;
  readonly #capacity: number;
  readonly #sets = new Map<string, PolicySet>();
  #latest: { readonly head: RecordedEvent; readonly active: ActivePolicySet } | undefined;

  constructor(store: EventStore, verifier: Pick<AppendVerifier, 'verify'>, capacity = 8) {
    this.#store = store;
    this.#verifier = verifier;
    this.#capacity = capacity;
  }

  /**
   * Undefined where nothing was ever activated. Throws `signature_invalid` or `policy_set_corrupt` where
   * the stream can't be trusted, and the store's errors as they come: no set, no answer.
   */
  async read(): Promise<ActivePolicySet | undefined> {
    const [head] = await this.#store.readStream(POLICY_SET_STREAM, { direction: 'backwards', limit: 1 });
    if (head === undefined) return undefined;
    if (this.#latest !== undefined && sameHead(this.#latest.head, head)) return this.#latest.active;
    const active = await this.#open(head);
    this.#latest = { head, active };
    return active;
  }

  /**
   * The set of this digest as its latest activation until `until` (a time of commit) put it in force;
   * undefined where none did. Reads one event for each activation since, and throws as {@link read} does.
   */
  async find(digest: string, until: Timestamp): Promise<ActivePolicySet | undefined> {
    for (let from: number | undefined; from === undefined || from >= 0;) {
      const options = { direction: 'backwards', limit: 1, ...(from === undefined ? {} : { from }) } as const;
      const [head] = await this.#store.readStream(POLICY_SET_STREAM, options);
      if (head === undefined) return undefined;
      const activated = parseActivated(head);
      if (activated.digest === digest && head.committedAt <= until) return this.#open(head);
      from = head.revision - activated.stored - 1;
    }
    return undefined;
  }

  async #open(head: RecordedEvent): Promise<ActivePolicySet> {
    const { digest, stored, by, replaces } = parseActivated(head);
    const from = head.revision - stored;
    const events = await this.#store.readStream(POLICY_SET_STREAM, { from, limit: stored + 1 });
    this.#verifier.verify(POLICY_SET_STREAM, events, from);
    const last = events.at(-1);
    if (events.length !== stored + 1 || last === undefined || !sameHead(last, head)) {
      throw corrupt('The activation and its files stand in different appends.');
    }
    return {
      set: this.#parsed(digest, events.slice(0, -1)),
      revision: head.revision,
      by,
      activatedAt: head.metadata.occurredAt,
      ...(replaces === undefined ? {} : { replaces }),
    };
  }

  #parsed(digest: string, stored: readonly RecordedEvent[]): PolicySet {
    const known = this.#sets.get(digest);
    const set = known ?? parsePolicySet(joinFiles(stored));
    if (set.digest !== digest)
      throw corrupt(`The files' digest is ${set.digest}, the activation says ${digest}.`);
    this.#sets.delete(digest);
    this.#sets.set(digest, set);
    const [oldest] = this.#sets.keys();
    if (this.#sets.size > this.#capacity && oldest !== undefined) this.#sets.delete(oldest);
    return set;
  }
}
