import { describe, expect, it } from 'vitest';
import { DEFAULT_URL, environmentOf } from './environment.ts';

describe('the environment', () => {
  it('counts an empty setting as one that is not set', () => {
    expect(environmentOf({ COUNTERSIGN_URL: '', COUNTERSIGN_TOKEN: '' })).toMatchObject({
      url: DEFAULT_URL,
      token: undefined,
      dataFolder: '.countersign',
    });
  });

  it('hands a command everything but our own settings, in whatever case', () => {
    const variables = {
      PATH: '/bin',
      EMPTY: '',
      COUNTERSIGN_TOKEN: 't',
      Countersign_Other: 'x',
      UNSET: undefined,
    };
    expect(environmentOf(variables).childVariables()).toEqual({ PATH: '/bin', EMPTY: '' });
  });
});
