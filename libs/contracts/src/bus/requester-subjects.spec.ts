import { describe, expect, it } from 'vitest';
import {
  acceptedNatsSubject,
  receiptNatsSubject,
  rejectedNatsSubject,
  requestNatsSubject,
  requesterNatsToken,
  requesterTokenOf,
} from './requester-subjects.ts';

describe('the NATS subjects of a requester', () => {
  it('names the requester by base64url of Type::id', () => {
    expect(requesterNatsToken({ type: 'Agent', id: 'etl-bot' })).toBe('QWdlbnQ6OmV0bC1ib3Q');
  });

  it('keeps dots, wildcards, blanks and any script of an id out of the subject', () => {
    const token = requesterNatsToken({ type: 'Agent', id: 'a.b.> *\né' });
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(requesterTokenOf(requestNatsSubject(token))).toBe(token);
  });

  it('builds one subject for each direction', () => {
    expect([
      requestNatsSubject('T'),
      acceptedNatsSubject('T'),
      rejectedNatsSubject('T'),
      receiptNatsSubject('T', 'r1'),
    ]).toEqual([
      'countersign.v1.requests.T',
      'countersign.v1.accepted.T',
      'countersign.v1.rejected.T',
      'countersign.v1.receipts.T.r1',
    ]);
  });

  it('reads no requester out of other subjects', () => {
    expect(requesterTokenOf('countersign.v1.requests.a.b')).toBeUndefined();
    expect(requesterTokenOf('countersign.internal.doorbell.review')).toBeUndefined();
  });
});
