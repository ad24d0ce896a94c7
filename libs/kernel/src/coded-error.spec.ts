import { describe, expect, it } from 'vitest';
import { CodedError, hasCode } from './coded-error.ts';

describe('a coded error', () => {
  it('carries code, field and cause', () => {
    const cause = new Error('below');
    const error = new CodedError('bad_port', 'Give a port.', { field: 'COUNTERSIGN_PORT', cause });
    expect(error).toMatchObject({
      code: 'bad_port',
      field: 'COUNTERSIGN_PORT',
      cause,
      message: 'Give a port.',
    });
  });

  it('is told by its code, never by its class alone', () => {
    expect(hasCode(new CodedError('bad_port', ''), 'bad_port')).toBe(true);
    expect(hasCode(new CodedError('other', ''), 'bad_port')).toBe(false);
    expect(hasCode(Object.assign(new Error(''), { code: 'bad_port' }), 'bad_port')).toBe(false);
    expect(hasCode(undefined, 'bad_port')).toBe(false);
  });
});
