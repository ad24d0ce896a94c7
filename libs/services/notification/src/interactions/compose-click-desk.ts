import type { ClickDesk } from '@countersign/notifier';
import { activeDirectory, type ServiceContext } from '@countersign/service-host';
import { DeliveryStreams } from '../delivery/delivery-streams.ts';
import { InteractionStreams } from './interaction-streams.ts';
import { OpenSheet, type OpenSheetDependencies } from './open-sheet.ts';
import { ReceiveClick } from './receive-click.ts';
import { SettleClick, type SettleClickDependencies } from './settle-click.ts';
import { startClickDesk } from './start-click-desk.ts';

type Options = Pick<SettleClickDependencies, 'channels'> & Pick<OpenSheetDependencies, 'surroundings'>;

/** The desk over a context, registered with its life cycle. */
export const composeClickDesk = (context: ServiceContext, options: Options): ClickDesk => {
  const parts = {
    ...context,
    ...options,
    interactions: new InteractionStreams(context),
    cards: new DeliveryStreams(context),
    directory: activeDirectory(context.policySets),
  };
  return startClickDesk(context, {
    receiveClick: new ReceiveClick(parts),
    settleClick: new SettleClick(parts),
    openSheet: new OpenSheet(parts),
  });
};
