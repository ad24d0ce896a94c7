import { describe, expect, it } from 'vitest';
import { answer, jsonLine, type Cli } from './cli.ts';

/** Ends the line early on some terminals, turns the reading order, hides, and stands outside the first plane. */
const ATTACK = 'a\u009B2Kb\u202Ec\u200Bd\u2028e\u{E0041}f\u00A0g é שלום';

describe('an answer for programs', () => {
  it('sends a terminal no unseen character, and means the same', () => {
    let written = '';
    const cli = { terminal: { out: (text: string) => (written += text) } } as unknown as Cli;
    answer(cli, { json: true }, { why: [ATTACK, 'two words'] }, () => 'for people');
    for (const json of [written, jsonLine({ why: [ATTACK, 'two words'] })]) {
      expect(JSON.parse(json)).toEqual({ why: [ATTACK, 'two words'] });
      expect(json).not.toMatch(/(?![\n ])[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u);
      expect(json).toContain('é שלום');
    }
  });
});
