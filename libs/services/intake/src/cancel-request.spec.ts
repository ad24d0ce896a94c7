import type { Bus } from '@countersign/bus';
import { CANCEL_REVIEW, REVOKE_GRANT } from '@countersign/contracts';
import { CodedError, type Json } from '@countersign/kernel';
import { World } from '@countersign/service-testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { CancelRequest } from './cancel-request.ts';
import { GetRequest } from './get-request.ts';
import { generousAdmission } from './spec-helpers.ts';
import { SubmitRequest } from './submit-request.ts';
import { ThreadRings } from './thread-rings.ts';
import { WaitSeats } from './wait-seats.ts';

const body = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'Quarterly report', rows: 500 },
};

/** Answers each call as the test says, and remembers what was asked. */
class ScriptedBus implements Bus {
  readonly connected = true;
  readonly asked: { natsSubject: string; message: Json }[] = [];
  readonly #answers: Record<string, Json>;

  constructor(answers: Record<string, Json>) {
    this.#answers = answers;
  }

  ring(): void {}
  hear(): () => Promise<void> {
    return () => Promise.resolve();
  }
  async request(natsSubject: string, message: Json): Promise<Json> {
    this.asked.push({ natsSubject, message });
    const answer = this.#answers[natsSubject];
    if (answer === undefined) throw new CodedError('bus_unavailable', 'Nobody serves this.');
    return answer;
  }
}

let world: World;
let requestId: string;

beforeEach(async () => {
  world = await World.acme();
  const caller = await world.caller('Agent::"etl-bot"');
  ({ requestId } = await new SubmitRequest({
    ...world.context('intake'),
    admission: generousAdmission(),
  }).submit({ caller, body }));
});

const cancelBy = async (entity: string, bus: ScriptedBus) => {
  const context = { ...world.context('intake'), bus };
  const cancel = new CancelRequest(context, new GetRequest(context, new ThreadRings(bus), new WaitSeats(1)));
  return cancel.cancel(await world.caller(entity), requestId);
};

describe('cancelling a request', () => {
  it('asks policy, with the caller’s own token as proof', async () => {
    const bus = new ScriptedBus({ [CANCEL_REVIEW.natsSubject]: { result: 'cancelled' } });
    await cancelBy('Agent::"etl-bot"', bus);
    expect(bus.asked).toEqual([
      {
        natsSubject: CANCEL_REVIEW.natsSubject,
        message: {
          payload: { requestId },
          proof: { kind: 'identity', token: 'token of Agent::"etl-bot"' },
        },
      },
    ]);
  });

  it('revokes the grant where the approval was faster', async () => {
    const bus = new ScriptedBus({
      [CANCEL_REVIEW.natsSubject]: { result: 'approved' },
      [REVOKE_GRANT.natsSubject]: { grantId: requestId, revokedAt: '2026-11-20T10:00:00.000Z' },
    });
    await cancelBy('Agent::"etl-bot"', bus);
    expect(bus.asked.map(({ natsSubject }) => natsSubject)).toEqual([
      CANCEL_REVIEW.natsSubject,
      REVOKE_GRANT.natsSubject,
    ]);
  });

  it('is open to the owner', async () => {
    const bus = new ScriptedBus({ [CANCEL_REVIEW.natsSubject]: { result: 'cancelled' } });
    await expect(cancelBy('User::"carol"', bus)).resolves.toMatchObject({ id: requestId });
  });

  it('is refused to an auditor, who may read it', async () => {
    await expect(cancelBy('User::"dave"', new ScriptedBus({}))).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('tells another agent what it tells of a request that does not exist', async () => {
    await expect(cancelBy('Agent::"deploy-bot"', new ScriptedBus({}))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('says so where policy can not be reached', async () => {
    await expect(cancelBy('Agent::"etl-bot"', new ScriptedBus({}))).rejects.toMatchObject({
      code: 'bus_unavailable',
    });
  });
});
