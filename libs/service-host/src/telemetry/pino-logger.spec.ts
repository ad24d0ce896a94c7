import { CodedError } from '@countersign/kernel';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { createLogger } from './pino-logger.ts';

const lines: string[] = [];
const log = createLogger('info', { process: 'test' }, { write: (line: string) => void lines.push(line) });

const written = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;

describe('a log line', () => {
  it('is one JSON object with level, time and message', () => {
    log.info('Hello.', { answer: 42 });
    expect(written()).toMatchObject({ level: 'info', process: 'test', msg: 'Hello.', answer: 42 });
    expect(Date.parse(String(written()['time']))).not.toBeNaN();
  });

  it.each([
    'authorization',
    'Authorization',
    'token',
    'accessToken',
    'password',
    'clientSecret',
    'private_key',
    'Cookie',
  ])('strikes out the member %s, however deep', (name) => {
    log.info('Secret.', { a: { b: [{ [name]: 'hush' }] } });
    expect(lines.at(-1)).not.toContain('hush');
  });

  it('strikes out whatever looks like a JWT: in the message, a member, an error, its stack and its cause', async () => {
    const jwt = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new Uint8Array(32));
    const error = new CodedError('odd', `got ${jwt}`, { cause: new Error(jwt) });
    log.error(`Bad ${jwt}`, { text: `Bearer ${jwt}`, error });
    expect(lines.at(-1)).not.toContain('eyJ');
    expect(lines.at(-1)).not.toContain(jwt.split('.')[2]);
    expect(written()).toMatchObject({ error: { code: 'odd', message: 'got [redacted]' } });
  });

  it('strikes out in a child as well', () => {
    log.child({ token: 'hush', service: 'intake' }).warn('Child.');
    expect(lines.at(-1)).not.toContain('hush');
    expect(written()).toMatchObject({ service: 'intake' });
  });

  it('survives a value that holds itself', () => {
    const self: Record<string, unknown> = {};
    self['self'] = self;
    log.info('Round.', { self });
    expect(written()).toMatchObject({ msg: 'Round.' });
  });

  it('is not written below its level', () => {
    const before = lines.length;
    log.debug('Quiet.');
    expect(lines).toHaveLength(before);
  });
});
