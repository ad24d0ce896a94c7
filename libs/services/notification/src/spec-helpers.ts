import type { Bus, Doorbell, StopHearing } from '@countersign/bus';
import { parseStreamName, type EventStore, type RecordedEvent } from '@countersign/event-store';
import type { CardDelivery, Notifier, ReviewCard } from '@countersign/notifier';
import { Lifecycle, SILENT_LOGGER, type Logger } from '@countersign/service-host';
import type { World } from '@countersign/service-testing';
import { composeDelivery, type DeliveryOptions } from './delivery/compose-delivery.ts';
import { keepCards } from './delivery/keep-cards.ts';

type Shown = Pick<ReviewCard, 'requestId' | 'status' | 'version'> & {
  readonly what: 'post' | 'update';
  readonly isRepeat: boolean;
};

/** Remembers what it was told to show; `trouble` is what happens at the next calls, in turn. */
export class RecordingNotifier implements Notifier {
  readonly kind: string;
  readonly shown: Shown[] = [];
  readonly trouble: (() => void | Promise<void>)[] = [];

  constructor(kind = 'log') {
    this.kind = kind;
  }

  async post(delivery: CardDelivery): Promise<string> {
    await this.#show('post', delivery);
    return `message of ${delivery.sheet.requestId}`;
  }

  update(delivery: CardDelivery): Promise<void> {
    return this.#show('update', delivery);
  }

  async #show(what: Shown['what'], { sheet, isRepeat }: CardDelivery): Promise<void> {
    await this.trouble.shift()?.();
    const { requestId, status, version } = sheet;
    this.shown.push({ what, requestId, status, version, isRepeat });
  }
}

/** Rings nowhere by itself: the test is the doorbell. */
export class TestBus implements Bus {
  readonly connected = true;
  readonly #hearers = new Set<{ category: string; onRing: (doorbell: Doorbell) => void | Promise<void> }>();

  ring(): void {}

  hear(
    { category }: { category: string },
    onRing: (doorbell: Doorbell) => void | Promise<void>,
  ): StopHearing {
    const hearer = { category, onRing };
    this.#hearers.add(hearer);
    return async () => void this.#hearers.delete(hearer);
  }

  request(): Promise<never> {
    return Promise.reject(new Error('Nobody is asked here.'));
  }

  ringFor({ stream, revision, type, id }: Pick<RecordedEvent, 'stream' | 'revision' | 'type' | 'id'>): void {
    const { category } = parseStreamName(stream);
    for (const hearer of this.#hearers) {
      if (hearer.category === category) void hearer.onRing({ category, stream, revision, type, id });
    }
  }
}

export interface ReplicaOptions extends Partial<Pick<DeliveryOptions, 'deadlineMs' | 'random'>> {
  readonly log?: Logger;
  readonly notifiers: readonly Notifier[];
  /** A decorated one, where a test injects faults. */
  readonly store?: EventStore;
}

/** One replica's use case; nothing of it is started. */
export const replicaOf = (world: World, { notifiers, store, ...options }: ReplicaOptions) => {
  const context = { ...world.context('notification', store), ...options };
  const surroundings = () => Promise.resolve({ isDevelopment: false });
  // Every wait is as long as it can be, unless a test draws lots itself.
  const delivery = composeDelivery(context, { random: () => 1, ...options, notifiers, surroundings });
  return { context, delivery, deliverCards: delivery.deliverCards };
};

/** One replica at work, with a bus and a view of its own. */
export const startReplica = async (
  world: World,
  options: ReplicaOptions & { readonly viewFile?: string },
) => {
  const { viewFile = ':memory:', ...rest } = options;
  const { context, delivery } = replicaOf(world, rest);
  const bus = new TestBus();
  const lifecycle = new Lifecycle(SILENT_LOGGER);
  keepCards({ ...context, bus, lifecycle, viewPath: () => viewFile }, delivery);
  await lifecycle.start();
  return { bus, lifecycle };
};

export const deliveryTypes = async (world: World, requestId: string): Promise<readonly string[]> =>
  (await world.events(`delivery-${requestId}`)).map(({ type }) => type);
