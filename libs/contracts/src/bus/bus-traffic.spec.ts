import { SERVICE_NAMES } from '@countersign/kernel';
import { describe, expect, it } from 'vitest';
import { CALL_TRAFFIC, mayAnswerTo, serviceInboxPrefix, servicePermissions } from './bus-traffic.ts';
import { requesterPermissions } from './requests-permissions.ts';

const CANCEL = 'countersign.internal.call.policy.cancel-review';

describe('what a service may say and hear', () => {
  it('is each subject by its full name, but for inboxes', () => {
    const lists = SERVICE_NAMES.map(servicePermissions).flatMap(({ publish, subscribe }) => [
      ...publish,
      ...subscribe,
    ]);
    const wide = lists.filter((entry) => /[*>]/.test(entry));
    expect(wide.filter((entry) => !/^_INBOX_[a-z]+\.>$/.test(entry))).toEqual([]);
  });

  it('holds for every call one service that answers and others that ask', () => {
    for (const { natsSubject, servedBy, callers } of CALL_TRAFFIC) {
      expect(natsSubject).toContain(`.${servedBy}.`);
      expect(callers).not.toContain(servedBy);
      for (const caller of callers) {
        expect(servicePermissions(caller).publish).toContain(natsSubject);
        expect(servicePermissions(servedBy).publish).toContain(`${serviceInboxPrefix(caller)}.>`);
      }
    }
  });

  it('has nothing to do with JetStream and requesters', () => {
    const lists = SERVICE_NAMES.map(servicePermissions).flatMap(({ publish, subscribe }) => [
      ...publish,
      ...subscribe,
    ]);
    expect(lists.filter((entry) => /^\$|countersign\.v1/.test(entry))).toEqual([]);
  });
});

describe('the answer to a call', () => {
  it.each([
    ['_INBOX_intake.x', true],
    ['_INBOX_internal.x.y', true],
    ['_INBOX_credentials.x', false],
    ['_INBOX_intake', false],
    ['_INBOX_intake_requests.x', false],
    ['countersign.internal.doorbell.review', false],
    ['', false],
  ])('to %j may go: %j', (inbox, may) => {
    expect(mayAnswerTo(CANCEL, inbox)).toBe(may);
  });

  it('to a call that is in no contract goes to no service', () => {
    expect(mayAnswerTo('countersign.internal.call.policy.unknown', '_INBOX_intake.x')).toBe(false);
  });
});

describe('a requester', () => {
  it('speaks and hears under its own token alone', () => {
    const { publish, subscribe } = requesterPermissions('QQ');
    expect(publish).toEqual(['countersign.v1.requests.QQ']);
    expect(subscribe).toEqual([
      'countersign.v1.accepted.QQ',
      'countersign.v1.rejected.QQ',
      'countersign.v1.receipts.QQ.*',
    ]);
  });
});
