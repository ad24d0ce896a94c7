import { describe, expect, it } from 'vitest';
import { PostsInHand } from './posts-in-hand.ts';

describe('cards in hand', () => {
  it('are known by their channel until the last of them is posted, or has failed', async () => {
    const posts = new PostsInHand();
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const posting = posts.run('slack:#a', () => first.promise);
    const failing = posts.run('slack:#a', () => second.promise);
    expect([posts.any('slack:#a'), posts.any('slack:#b')]).toEqual([true, false]);
    first.resolve();
    await posting;
    expect(posts.any('slack:#a')).toBe(true);
    second.reject(new Error('no'));
    await expect(failing).rejects.toThrow('no');
    expect(posts.any('slack:#a')).toBe(false);
  });
});
