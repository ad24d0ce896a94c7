import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { picturedCards, sourceDigest } from '../pictures/pictured-cards.ts';
import { DIGESTS, FOLDER } from '../pictures/pictures.ts';

const digests = z
  .record(z.string(), z.strictObject({ source: z.string(), picture: z.string() }))
  .parse(JSON.parse(readFileSync(DIGESTS, 'utf8')));

const pictureOf = (name: string): Buffer => readFileSync(join(FOLDER, `${name}.png`));

describe('the pictures of the cards', () => {
  it('are taken of each sample in each channel, and of nothing else', () => {
    const names = picturedCards.map(({ name }) => name).toSorted();
    expect(readdirSync(FOLDER).toSorted()).toEqual(
      [...names.map((name) => `${name}.png`), 'digests.json'].toSorted(),
    );
    expect(Object.keys(digests).toSorted()).toEqual(names);
  });

  // `npm run pictures` takes them again; look at them before you commit.
  it.each(picturedCards)('show what is sent today: $name', (card) => {
    expect(digests[card.name]?.source).toBe(sourceDigest(card));
  });

  it.each(picturedCards)('are as they were taken, and no larger than a page can bear: $name', ({ name }) => {
    const picture = pictureOf(name);
    expect(digests[name]?.picture).toBe(createHash('sha256').update(picture).digest('base64url'));
    expect(picture.length).toBeLessThan(150_000);
  });

  it.each(picturedCards)('stand in the document about cards: $name', ({ name }) => {
    const page = join(FOLDER, '..', 'cards.md');
    expect(existsSync(page)).toBe(true);
    expect(readFileSync(page, 'utf8')).toContain(`](pictures/${name}.png)`);
  });
});
