import type { Writable } from 'node:stream';
import { NotifierError, type CardDelivery, type MessageRef, type Notifier } from '@countersign/notifier';
import { cardText, updateText } from './card-text.ts';

/** Printed lines have no name of their own. */
const PRINTED: MessageRef = 'printed';

/**
 * Prints cards to a terminal: a card once, and each change of it as a shorter block below, since what is
 * printed can't be changed. After a crash in between a block may be printed again; it says so.
 */
export class LogNotifier implements Notifier {
  readonly kind = 'log';
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Each write hears of its own failure; unheard, the stream's event would end the process.
    stream.on('error', () => undefined);
  }

  async post({ sheet }: CardDelivery): Promise<MessageRef> {
    await this.#print(cardText(sheet));
    return PRINTED;
  }

  update({ sheet }: CardDelivery): Promise<void> {
    return this.#print(updateText(sheet));
  }

  /** One write, so that no other line comes in between. */
  #print(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.write(text, (cause) => {
        if (!cause) resolve();
        else reject(new NotifierError('channel_unavailable', 'The card could not be printed.', { cause }));
      });
    });
  }
}
