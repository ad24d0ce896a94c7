import type { AuditRequestsPage } from '@countersign/contracts';
import { describe, expect, it } from 'vitest';
import { auditList } from './audit-list.ts';

const page: AuditRequestsPage = {
  mode: 'production',
  requests: [
    {
      id: '5b7c1f5e-6a37-4d4e-9a35-0d8f4f9a1c11',
      status: 'approved',
      requester: 'Pipeline::"release"',
      initiator: 'carol',
      action: 'data.export',
      resource: 'Dataset/customers\nforged row',
      policies: ['export-needs-data-owner'],
      approvers: ['alice', 'bob'],
      digest: 'd',
      requestedAt: '2026-11-20T10:00:00.000Z',
    },
  ],
};

describe('the list of requests on record', () => {
  it('is a line for each, and no value can add another', () => {
    const lines = auditList(page).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(
      /approved +Pipeline::"release" for carol +data\.export .* - +alice bob +5b7c1f5e/,
    );
  });

  it('says how to go on, and that a record of development mode proves nothing', () => {
    expect(auditList({ ...page, nextCursor: 'abc' })).toMatch(/--cursor abc\n$/);
    expect(auditList({ ...page, mode: 'development', requests: [] })).toMatch(/^DEVELOPMENT/);
  });
});
