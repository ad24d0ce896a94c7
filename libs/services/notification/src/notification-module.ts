import type { DynamicModule } from '@nestjs/common';
import type { Channel } from '@countersign/notifier';
import { LogNotifier } from '@countersign/notifier-log';
import type { ServiceContext } from '@countersign/service-host';
import { CHANNEL_KINDS } from './channels/channel-kinds.ts';
import { channelPart, openChannels } from './channels/open-channels.ts';
import { WEBHOOKS, WebhooksController } from './channels/webhooks.controller.ts';
import { cardSurroundings } from './delivery/card-surroundings.ts';
import { composeDelivery } from './delivery/compose-delivery.ts';
import { keepCards } from './delivery/keep-cards.ts';
import { composeClickDesk } from './interactions/compose-click-desk.ts';

/**
 * The notification service: shows people what waits for them, keeps what they see true until the end, and brings
 * what they click to policy.
 */
export class NotificationModule {}

/** Registers the service's background work with the life cycle; call it once per context. */
export const notificationModule = async (context: ServiceContext): Promise<DynamicModule> => {
  const { config, lifecycle } = context;
  const surroundings = cardSurroundings(context);
  // Channels hand clicks to the desk, and the desk asks channels about accounts: it is given them as they open.
  const channels = new Map<string, Channel>();
  const desk = composeClickDesk(context, { channels, surroundings });
  for (const [kind, channel] of await openChannels(CHANNEL_KINDS, config.channels, { ...context, desk })) {
    channels.set(kind, channel);
  }
  const notifiers = [
    new LogNotifier(process.stdout),
    ...[...channels.values()].map(({ notifier }) => notifier),
  ];
  keepCards(context, composeDelivery(context, { notifiers, surroundings }));
  // Last to start and first to stop: what a channel receives is in hands that are open.
  for (const channel of channels.values()) lifecycle.add(channelPart(channel));
  return {
    module: NotificationModule,
    controllers: [WebhooksController],
    providers: [{ provide: WEBHOOKS, useValue: channels }],
  };
};
