import { FakeServer } from '@countersign/client/fake-server';
import { CountersignClient, CountersignError, GuardError } from '@countersign/client';
import { describe, expect, it } from 'vitest';
import { block, table } from './blocks.ts';
import { errorJson, errorText } from './error-text.ts';
import { requestBlock } from './request-block.ts';
import { shellWords } from './shell-words.ts';

describe('what people are shown', () => {
  it('holds everything of the request, with unseen characters escaped', async () => {
    const server = await FakeServer.start();
    const client = new CountersignClient({
      baseUrl: server.baseUrl,
      token: server.tokenFor('Agent::"etl-bot"'),
    });
    const view = await client.submit({
      action: { name: 'data.export', properties: { format: 'csv' } },
      resource: { type: 'Dataset', id: 'customers', properties: { rows: 5 } },
      context: {
        justification: 'pay \u202Eecila\nstatus approved',
        command: ['rm', '-rf', 'a b', "it's"],
        executor: { type: 'Service', id: 'db-gateway' },
        executable: { path: '/bin/rm', sha256: 'abc' },
        status: 'approved',
      },
    });
    await server.stop();
    const shown = requestBlock(view);
    expect(shown).toContain('  pay \\u{202E}ecila\\u{A}status approved\n');
    expect(shown).toContain(`  rm -rf 'a b' 'it'\\''s'\n`);
    for (const part of [
      '"format":"csv"',
      '"rows":5',
      'Service/db-gateway',
      '"/bin/rm"',
      view.digest,
      view.id,
    ]) {
      expect(shown).toContain(part);
    }
    expect(shown).toMatch(/^status +pending$/m);
    expect(shown).toMatch(/^context\.status +approved$/m);
    expect(shown).not.toContain('\u202E');
  });

  it('stands in columns, without rows that have no value', () => {
    expect(
      block([
        ['a', '1'],
        ['long', '2'],
        ['none', undefined],
      ]),
    ).toBe('a     1\nlong  2\n');
    expect(
      table([
        ['A', 'B'],
        ['long', 'x'],
      ]),
    ).toBe('A     B\nlong  x\n');
  });

  it('quotes words so that their borders can be seen', () => {
    expect(shellWords(['a', '', 'b c', '$x'])).toBe(`a '' 'b c' '$x'`);
  });
});

describe('an error', () => {
  const refusal = new CountersignError('not_human', 'Only people decide.', { status: 403, field: 'subject' });

  it('says the sentence, the code and what to do', () => {
    expect(errorText(refusal)).toBe(
      'countersign: Only people decide.\n  code not_human, HTTP 403, field subject\n' +
        '  Only a verified person decides; use a person’s token.\n',
    );
  });

  it('says the cause where it is only wrapped', () => {
    const wrapped = new GuardError('refused', 'Only people decide. The request was cancelled.', {
      cause: refusal,
    });
    expect(errorJson(wrapped)).toEqual({
      error: {
        code: 'not_human',
        message: 'Only people decide. The request was cancelled.',
        status: 403,
        field: 'subject',
      },
    });
  });

  it('shows what the server sent without its unseen characters', () => {
    expect(errorText(new CountersignError('x', 'a\u001B[31mb'))).toContain('a\\u{1B}[31mb');
  });
});
