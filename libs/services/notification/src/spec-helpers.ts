import type { Bus, Doorbell, StopHearing } from '@countersign/bus';
import { parseStreamName, type EventStore, type RecordedEvent } from '@countersign/event-store';
import type { Clock } from '@countersign/kernel';
import type {
  CallPurpose,
  CardDelivery,
  GatheredDelivery,
  Notifier,
  Pace,
  ReviewCard,
} from '@countersign/notifier';
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

interface Told {
  readonly what: 'post' | 'update' | 'gather' | 'update gathered' | 'remind';
  readonly requests: readonly string[];
  readonly statuses: readonly string[];
  readonly message: string;
  readonly atMs: number;
}

/** A channel with a limit that it enforces, which gathers and reminds; `trouble` as above. */
export class PlatformNotifier implements Notifier {
  readonly kind = 'slack';
  readonly gathersAtMost: number;
  readonly told: Told[] = [];
  readonly trouble: (() => void | Promise<void>)[] = [];
  /** What each message says, by request; a repeat finds it by its id. */
  readonly messages = new Map<string, ReadonlyMap<string, string>>();
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #perMinute: number;

  constructor(clock: Pick<Clock, 'nowMs'>, { perMinute = 60, gathersAtMost = 20 } = {}) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.gathersAtMost = gathersAtMost;
  }

  pace(channel: string, purpose: CallPurpose): Pace {
    return { allowance: `${purpose} ${channel}`, perMinute: this.#perMinute, burst: 1 };
  }

  post({ sheet }: CardDelivery): Promise<string> {
    return this.#tell('post', [sheet], `alone ${sheet.requestId}`);
  }

  async update({ sheet, message }: CardDelivery & { readonly message: string }): Promise<void> {
    await this.#tell('update', [sheet], message);
  }

  async remind({ sheet, message }: CardDelivery & { readonly message: string }): Promise<void> {
    await this.#tell('remind', [sheet], message);
  }

  postGathered({ gatheringId, sheets }: GatheredDelivery): Promise<string> {
    return this.#tell('gather', sheets, `gathered ${gatheringId}`);
  }

  async updateGathered({ sheets, message }: GatheredDelivery & { readonly message: string }): Promise<void> {
    await this.#tell('update gathered', sheets, message);
  }

  async #tell(
    what: Told['what'],
    sheets: CardDelivery['sheet'][] | GatheredDelivery['sheets'],
    message: string,
  ) {
    const requests = sheets.map(({ requestId }) => requestId);
    const statuses = sheets.map(({ status }) => status);
    this.told.push({ what, requests, statuses, message, atMs: this.#clock.nowMs() });
    if (what !== 'remind')
      this.messages.set(message, new Map(sheets.map((sheet) => [sheet.requestId, sheet.status])));
    // After it was applied: what throws here is a lost answer.
    await this.trouble.shift()?.();
    return message;
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
