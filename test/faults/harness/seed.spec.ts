import { describe, expect, it } from 'vitest';
import { Seed } from './seed.ts';

const draw = (seed: Seed): readonly number[] => Array.from({ length: 20 }, () => seed.between(1, 6));

describe('a seed', () => {
  it('draws the same again, and another one draws something else', () => {
    expect(draw(new Seed(7))).toEqual(draw(new Seed(7)));
    expect(draw(new Seed(7))).not.toEqual(draw(new Seed(8)));
  });

  it('gives each fork draws that no other changes', () => {
    const seed = new Seed(7);
    const before = draw(seed.fork('killer'));
    seed.next();
    expect(draw(seed.fork('killer'))).toEqual(before);
    expect(draw(seed.fork('client'))).not.toEqual(before);
  });

  it('reaches both ends of a range and nothing beyond', () => {
    const drawn = new Set(Array.from({ length: 20 }, (_, value) => draw(new Seed(value))).flat());
    expect(drawn).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  });
});
