import type { DynamicModule } from '@nestjs/common';
import type { Notifier } from '@countersign/notifier';
import { LogNotifier } from '@countersign/notifier-log';
import type { ServiceContext } from '@countersign/service-host';
import { cardSurroundings } from './delivery/card-surroundings.ts';
import { DeliverCards } from './delivery/deliver-cards.ts';
import { DeliveryStreams } from './delivery/delivery-streams.ts';
import { keepCards } from './delivery/keep-cards.ts';

/** The notification service: shows people what waits for them, and keeps what they see true until the end. */
export class NotificationModule {}

/** A channel is one adapter more in this list. */
const notifiersOf = (): readonly Notifier[] => [new LogNotifier(process.stdout)];

/** Registers the service's background work with the life cycle; call it once per context. */
export const notificationModule = (context: ServiceContext): DynamicModule => {
  const deliverCards = new DeliverCards({
    ...context,
    streams: new DeliveryStreams(context),
    notifiers: notifiersOf(),
    surroundings: cardSurroundings(context),
  });
  keepCards(context, deliverCards);
  return { module: NotificationModule };
};
