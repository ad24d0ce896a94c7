import type { AuditCase, AuditEvent } from '@countersign/contracts';
import { describe, expect, it } from 'vitest';
import { caseText } from './case-text.ts';

const ID = '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11';
const at = (second: number): string => `2026-11-20T10:00:0${second}.000Z`;
const BOT = { type: 'Agent', id: 'etl-bot' };

const event = (changes: Partial<AuditEvent> = {}): AuditEvent => ({
  position: '1',
  stream: `review-${ID}`,
  revision: 2,
  committedAt: at(2),
  id: 'e',
  type: 'DecisionRecorded',
  schemaVersion: 1,
  data: {},
  metadata: {},
  signatureValid: true,
  ...changes,
});

const story: AuditCase = {
  id: ID,
  mode: 'production',
  asked: {
    by: BOT,
    via: { channel: 'api', sub: 'etl' },
    owner: { type: 'User', id: 'carol' },
    justification: 'quarterly report',
    requestedAt: at(0),
  },
  evaluation: {
    reason: 'review_required',
    detail: 'Permitted with approval.',
    policies: [{ id: 'two-eyes', description: '', file: 'data.cedar', text: '@id("two-eyes")\npermit(…);' }],
    catalogue: { environment: 'prod' },
    claims: ['context.rows'],
    errors: [],
    policySetDigest: 'set-1',
    directoryDigest: 'directory-1',
    evaluatedAt: at(1),
  },
  decisions: [
    {
      approver: 'alice',
      decision: 'approve',
      reason: 'agreed',
      groups: ['data-owners'],
      via: { channel: 'api' },
      decidedAt: at(2),
    },
  ],
  grant: {
    redeemed: {
      by: BOT,
      enforcement: 'advisory',
      jti: 'j',
      policySetDigest: 'set-2',
      redeemedAt: at(3),
    },
    outcome: { by: BOT, status: 'failed', exitCode: 3, late: false, reportedAt: at(4) },
  },
  refused: [{ attempt: 'approve', by: { type: 'User', id: 'carol' }, refusal: 'is_owner', refusedAt: at(1) }],
  problems: [],
  timeline: [event()],
};

describe('the story of a request', () => {
  it('tells who asked, what policy said, who decided and was refused, and what came of it', () => {
    const text = caseText(story);
    expect(text).toMatch(/owner +User::"carol"/);
    expect(text).toContain('  data.cedar: two-eyes\n    @id("two-eyes")\n    permit(…);\n');
    expect(text).toMatch(/alice +approve +data-owners +api +agreed/);
    expect(text).toMatch(/User::"carol" +approve +is_owner/);
    expect(text).toMatch(/under set +set-2/);
    expect(text).toMatch(/exit code +3/);
    expect(text).toMatch(/review@2 +DecisionRecorded +valid/);
  });

  it('leaves out what has not happened', () => {
    const text = caseText({ ...story, decisions: [], refused: [], grant: {} });
    expect(text).not.toMatch(/WHO DECIDED|WHO WAS REFUSED|WHAT CAME OF IT/);
  });

  it('says first what makes the record unreliable', () => {
    const problems = [{ code: 'signature_invalid', stream: `review-${ID}`, detail: 'Treat it as forged.' }];
    const text = caseText({ ...story, problems, timeline: [event({ signatureValid: false })] });
    expect(text).toMatch(/^NOT TO BE RELIED ON\n.*\nsignature_invalid/);
    expect(text).toContain('INVALID');
    expect(caseText({ ...story, mode: 'development' })).toMatch(/^DEVELOPMENT/);
  });

  it('lets no value pose as a section or a row', () => {
    const [decision] = story.decisions;
    const reason = 'agreed\nWHAT CAME OF IT\nredeemed  never';
    const text = caseText({ ...story, decisions: decision === undefined ? [] : [{ ...decision, reason }] });
    expect(text.match(/^WHAT CAME OF IT$/gm)).toHaveLength(1);
    expect(text).not.toMatch(/^redeemed +never/m);
  });
});
