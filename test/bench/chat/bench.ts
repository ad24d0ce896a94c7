import type { Options } from '../options.ts';
import type { Tell } from '../session.ts';
import { burst } from './burst.ts';
import { startChatInstance } from './chat-instance.ts';
import { clicksToAck } from './clicks.ts';
import { heldToCard } from './held-to-card.ts';
import type { ChatFigures } from './report.ts';
import { SlackSink } from './slack-sink.ts';

/** The burst comes last: what it leaves waiting would hold up the others' cards. */
export const benchChat = async (
  { rows, chat: { cards, clickRounds, clicksAtOnce, ...ofBurst } }: Options,
  folder: string,
  tell: Tell,
): Promise<ChatFigures> => {
  const sink = await SlackSink.start();
  const instance = await startChatInstance(folder, sink);
  const row = async <Figures>(is: boolean, take: () => Promise<Figures>, name: string) => {
    const figures = is ? await take() : undefined;
    if (is) tell(name);
    return figures;
  };
  try {
    tell('ready with a channel');
    const card = await row(rows.has('card'), () => heldToCard(cards, folder, instance, sink), 'held → card');
    const clicks = await row(
      rows.has('clicks'),
      () => clicksToAck(clickRounds, clicksAtOnce, instance),
      'click → ack',
    );
    const burstOf = await row(rows.has('burst'), () => burst(ofBurst, instance, sink), 'burst');
    return {
      ...(card && { card }),
      ...(clicks && { clicks }),
      ...(burstOf && { burst: burstOf }),
    };
  } finally {
    await instance.stop();
    sink.stop();
  }
};
