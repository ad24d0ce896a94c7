import { describe, expect, it } from 'vitest';
import { policyTexts } from './policy-texts.ts';

const texts = (content: string) => policyTexts([{ path: 'rules.cedar', content }]);

describe('the texts of the policies', () => {
  it('gives each policy as it was written, by its id', () => {
    const first = '@id("first")\npermit(principal, action, resource);';
    const second = '@description("x; @id(\\"no\\")")\n@id ( "second" )\nforbid(principal, action, resource);';
    expect(texts(`// @id("comment")\n${first}\n\n${second}\n`)).toEqual(
      new Map([
        ['first', { file: 'rules.cedar', text: first }],
        ['second', { file: 'rules.cedar', text: second }],
      ]),
    );
  });

  it('reads an id as Cedar does', () => {
    const written = String.raw`@id("a\"b\u{e9}\x41") permit(principal, action, resource);`;
    expect([...texts(written).keys()]).toEqual(['a"béA']);
  });

  it('looks into policy files alone, and leaves out what has no id', () => {
    const content = 'permit(principal, action, resource);';
    expect(policyTexts([{ path: 'schema.cedarschema', content: `@id("x") ${content}` }]).size).toBe(0);
    expect(texts(content).size).toBe(0);
  });
});
