import { describe, expect, it } from 'vitest';
import { actionRequestOf, type ActionOptions } from './action-options.ts';

const OPTIONS: ActionOptions = { action: 'data.export', resource: 'Dataset/customers', reason: 'report' };
const contextOf = (...context: readonly string[]) => actionRequestOf({ ...OPTIONS, context }).context;

describe('the options of an action', () => {
  it('become a request, with the reason as its justification', () => {
    const options = {
      ...OPTIONS,
      destination: 's3://reports',
      impact: 'none',
      executor: 'Service/db-gateway',
      actionProperty: ['format=csv'],
      resourceProperty: ['rows=12'],
    };
    expect(actionRequestOf(options, { command: ['true'] })).toEqual({
      action: { name: 'data.export', properties: { format: 'csv' } },
      resource: { type: 'Dataset', id: 'customers', properties: { rows: 12 } },
      context: {
        destination: 's3://reports',
        impact: 'none',
        executor: { type: 'Service', id: 'db-gateway' },
        command: ['true'],
        justification: 'report',
      },
    });
  });

  it.each([
    ['rows=10000', { rows: 10_000 }],
    ['ratio=-0.5', { ratio: -0.5 }],
    ['dry=true', { dry: true }],
    ['tables=["a","b"]', { tables: ['a', 'b'] }],
    ['labels={"team":"bi"}', { labels: { team: 'bi' } }],
    ['version="1.10"', { version: '1.10' }],
    ['filter=a=b', { filter: 'a=b' }],
    ['note=', { note: '' }],
    ['note=null', { note: 'null' }],
    ['zip=00501', { zip: '00501' }],
    ['id=12345678901234567890', { id: '12345678901234567890' }],
    ['size=1e999', { size: '1e999' }],
  ])('read --context %s by its JSON, else as text', (pair, members) => {
    expect(contextOf(pair)).toMatchObject(members);
  });

  it.each([
    ['without a name', '=5'],
    ['without a value', 'rows'],
    ['with broken JSON', 'labels={"team"'],
    ['with a repeated key', 'labels={"a":1,"a":2}'],
    ['with a number that would be rounded', 'ids=[12345678901234567890]'],
    ['that repeats another option', 'justification=x'],
    ['that replaces what is bound', 'command=["rm"]'],
  ])('refuse --context %s', (_, pair) => {
    const build = () => actionRequestOf({ ...OPTIONS, context: [pair] }, { command: ['true'] });
    expect(build).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('refuse a name that is given twice', () => {
    expect(() => contextOf('rows=1', 'rows=2')).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
