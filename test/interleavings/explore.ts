import { EventWriter, streamName, type EventStore } from '@countersign/event-store';
import { MemoryEventStore } from '@countersign/event-store-memory';
import { grantEvents } from '@countersign/domain-grant';
import { reviewEvents } from '@countersign/domain-review';
import { canonicalDigest, hasCode, type Clock, type DomainEvent } from '@countersign/kernel';
import { REQUEST, type Command, type Intent, type Loaded } from './commands.ts';

type Category = keyof Loaded;

/** One conditional append that was accepted. */
interface Append {
  readonly category: Category;
  readonly events: readonly DomainEvent[];
}

/** A reachable log, and how it came about. */
export interface Node {
  readonly appends: readonly Append[];
  readonly loaded: Loaded;
  readonly parent: Node | undefined;
  readonly by: string;
}

export interface Exploration {
  readonly nodes: readonly Node[];
  /** Nodes from which no command leads any further. */
  readonly leaves: readonly Node[];
  /** Appends that met a stream which somebody else had moved. */
  readonly conflicts: number;
}

const clock: Clock = {
  nowMs: () => Date.parse(REQUEST.requestedAt),
  observe: () => undefined,
  skewMs: () => 0,
};
const signer = { kid: 'test', sign: () => new Uint8Array(64) };

const write = async (store: EventStore, expected: number, { category, events }: Append): Promise<void> => {
  const service = category === 'review' ? 'policy' : 'credentials';
  const writer = new EventWriter({ service, store, signer, clock });
  await writer.append(
    streamName(category, REQUEST.requestId),
    expected === 0 ? 'no-stream' : expected - 1,
    events,
    {
      actor: { type: 'Service', id: `countersign/${service}`, via: { channel: 'service' } },
      correlationId: REQUEST.requestId,
    },
  );
};

/** The store as these appends leave it, each at the revision where the one before left its stream. */
const storeOf = async (appends: readonly Append[]): Promise<EventStore> => {
  const store = new MemoryEventStore(clock);
  const lengths = { review: 0, grant: 0 };
  for (const append of appends) {
    await write(store, lengths[append.category], append);
    lengths[append.category] += append.events.length;
  }
  return store;
};

const load = async (store: EventStore): Promise<Loaded> => {
  const read = (category: Category): ReturnType<EventStore['readStream']> =>
    store.readStream(streamName(category, REQUEST.requestId));
  return { review: reviewEvents(await read('review')), grant: grantEvents(await read('grant')) };
};

const prefixes = (appends: readonly Append[], category: Category): readonly (readonly DomainEvent[])[] => {
  const grown: (readonly DomainEvent[])[] = [[]];
  for (const append of appends) {
    if (append.category === category) grown.push([...(grown.at(-1) ?? []), ...append.events]);
  }
  return grown;
};

/** Everything that a replica may hold in its hands by now: each stream as it is, or as it once was. */
const staleLoads = ({ appends }: Node): readonly Loaded[] =>
  prefixes(appends, 'review')
    .slice(1)
    .flatMap((review) =>
      prefixes(appends, 'grant').map((grant) => ({
        review: reviewEvents(review),
        grant: grantEvents(grant),
      })),
    );

const isConflict = async (store: EventStore, expected: number, append: Append): Promise<boolean> => {
  try {
    await write(store, expected, append);
    return false;
  } catch (error) {
    if (hasCode(error, 'wrong_expected_revision')) return true;
    throw error;
  }
};

const appendOf = ({ category, outcome }: Intent): Append | undefined =>
  outcome.kind === 'decided' ? { category, events: outcome.events } : undefined;

/**
 * Every log that any schedule can lead to.
 *
 * Reading changes nothing, so all that a schedule decides is how old a replica's reading is when its append
 * arrives, and whether that is accepted. Hence from each reachable log each command is decided on each
 * earlier state of each stream and appended at the revision that was read. Commands are never used up: any
 * of them may be repeated, by either replica, at any time. That covers all interleavings of two replicas,
 * crashes between load and append and retries after conflicts included, without walking each one.
 */
export const explore = async (
  opening: readonly DomainEvent[],
  commands: Readonly<Record<string, Command>>,
): Promise<Exploration> => {
  const first: Append = { category: 'review', events: opening };
  const root: Node = {
    appends: [first],
    loaded: await load(await storeOf([first])),
    parent: undefined,
    by: '',
  };
  const nodes: Node[] = [root];
  const leaves: Node[] = [];
  const seen = new Set([canonicalDigest(root.loaded)]);
  let conflicts = 0;
  for (const node of nodes) {
    let isLeaf = true;
    const store = await storeOf(node.appends);
    for (const [by, append, expected] of attempts(node, commands)) {
      if (expected !== node.loaded[append.category].length) {
        if (!(await isConflict(store, expected, append)))
          throw new Error(`${by}: a stale append was accepted.`);
        conflicts += 1;
        continue;
      }
      isLeaf = false;
      const appends = [...node.appends, append];
      const loaded = await load(await storeOf(appends));
      if (seen.has(canonicalDigest(loaded))) continue;
      seen.add(canonicalDigest(loaded));
      nodes.push({ appends, loaded, parent: node, by });
    }
    if (isLeaf) leaves.push(node);
  }
  return { nodes, leaves, conflicts };
};

function* attempts(
  node: Node,
  commands: Readonly<Record<string, Command>>,
): Generator<readonly [by: string, append: Append, expected: number]> {
  for (const loaded of staleLoads(node)) {
    for (const [by, command] of Object.entries(commands)) {
      const intent = command(loaded);
      const append = intent && appendOf(intent);
      if (append !== undefined) yield [by, append, loaded[append.category].length];
    }
  }
}
