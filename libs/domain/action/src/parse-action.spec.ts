import type { Json, JsonObject } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { parseActionBody, parsePrivilegedAction } from './parse-action.ts';
import { failureOf } from './spec-helpers.ts';

const BODY = {
  action: { name: 'data.export', properties: {} },
  resource: { type: 'Dataset', id: 'customers', properties: {} },
  context: { justification: 'Quarterly report' },
} as const;
const withContext = (context: JsonObject): Json => ({ ...BODY, context: { ...BODY.context, ...context } });

describe('a request body', () => {
  it('is taken as it is, unknown context members included', () => {
    const body = withContext({
      rows: 12,
      command: ['pg_dump', ''],
      labels: { team: 'data' },
      credential: {},
    });
    expect(parseActionBody(body)).toEqual(body);
  });

  it('may leave properties out, which are then empty', () => {
    const body = { ...BODY, action: { name: 'data.export' }, resource: { type: 'Dataset', id: 'customers' } };
    expect(parseActionBody(body)).toEqual(BODY);
  });

  it.each<[string, Json, string, string]>([
    ['a body that is no object', [BODY], 'invalid_field', 'body'],
    ['a subject, which comes from the token alone', { ...BODY, subject: {} }, 'unknown_field', 'subject'],
    ['an unknown top-level member', { ...BODY, priority: 1 }, 'unknown_field', 'priority'],
    [
      'an unknown member of the action',
      { ...BODY, action: { name: 'a', x: 1 } },
      'unknown_field',
      'action.x',
    ],
    [
      'an unknown member of the resource',
      { ...BODY, resource: { type: 'a', id: 'b', x: 1 } },
      'unknown_field',
      'resource.x',
    ],
    ['a missing action', { resource: BODY.resource, context: BODY.context }, 'invalid_field', 'action'],
    ['a missing resource', { action: BODY.action, context: BODY.context }, 'invalid_field', 'resource'],
    ['a missing context', { action: BODY.action, resource: BODY.resource }, 'invalid_field', 'context'],
    ['an empty name', { ...BODY, action: { name: '' } }, 'invalid_field', 'action.name'],
    ['a resource without id', { ...BODY, resource: { type: 'Dataset' } }, 'invalid_field', 'resource.id'],
    [
      'properties that are no object',
      { ...BODY, action: { name: 'a', properties: [] } },
      'invalid_field',
      'action.properties',
    ],
    ['a missing justification', { ...BODY, context: {} }, 'invalid_field', 'context.justification'],
    ['an empty justification', withContext({ justification: '' }), 'invalid_field', 'context.justification'],
    [
      'a justification of 2,001 characters',
      withContext({ justification: '😀'.repeat(2_001) }),
      'invalid_field',
      'context.justification',
    ],
    ['a command that is no argv', withContext({ command: 'rm -rf /' }), 'invalid_field', 'context.command'],
    ['an empty argv', withContext({ command: [] }), 'invalid_field', 'context.command'],
    [
      'an executor without id',
      withContext({ executor: { type: 'Service' } }),
      'invalid_field',
      'context.executor.id',
    ],
    [
      'an executor with more',
      withContext({ executor: { type: 'a', id: 'b', c: 1 } }),
      'unknown_field',
      'context.executor.c',
    ],
    ['labels that are no strings', withContext({ labels: { a: 1 } }), 'invalid_field', 'context.labels'],
    [
      'a destination that is no string',
      withContext({ destination: 1 }),
      'invalid_field',
      'context.destination',
    ],
    ['an impact that is no string', withContext({ impact: null }), 'invalid_field', 'context.impact'],
    [
      'a credential that is no object',
      withContext({ credential: 'x' }),
      'invalid_field',
      'context.credential',
    ],
  ])('is refused with %s', (_, body, code, field) => {
    expect(failureOf(() => parseActionBody(body))).toEqual({ code, field });
  });

  it('counts a justification in characters, not in code units', () => {
    const justification = '😀'.repeat(2_000);
    expect(parseActionBody(withContext({ justification })).context.justification).toBe(justification);
  });
});

describe('a whole action', () => {
  const subject = { type: 'Agent', id: 'etl-bot', properties: { initiator: 'carol' } };

  it('carries its subject', () => {
    expect(parsePrivilegedAction({ subject, ...BODY })).toEqual({ subject, ...BODY });
  });

  it('is refused without a subject', () => {
    expect(failureOf(() => parsePrivilegedAction(BODY))).toEqual({ code: 'invalid_field', field: 'subject' });
  });

  it('is refused with an initiator that is no person id', () => {
    const broken = { ...subject, properties: { initiator: ['carol'] } };
    expect(failureOf(() => parsePrivilegedAction({ subject: broken, ...BODY }))?.field).toBe(
      'subject.properties.initiator',
    );
  });
});
