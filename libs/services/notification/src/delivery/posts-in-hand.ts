/** Cards that are being posted by themselves, counted by their channel. */
export class PostsInHand {
  readonly #byChannel = new Map<string, number>();

  async run(channel: string, post: () => Promise<void>): Promise<void> {
    this.#byChannel.set(channel, this.#at(channel) + 1);
    try {
      await post();
    } finally {
      const left = this.#at(channel) - 1;
      if (left === 0) this.#byChannel.delete(channel);
      else this.#byChannel.set(channel, left);
    }
  }

  any(channel: string): boolean {
    return this.#at(channel) > 0;
  }

  #at(channel: string): number {
    return this.#byChannel.get(channel) ?? 0;
  }
}
