import type { Bus } from '@countersign/bus';
import { EventWriter, streamName } from '@countersign/event-store';
import { serviceActor } from '@countersign/service-host';
import { RequestStory, World } from '@countersign/service-testing';
import { testKeys } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { GetRequest, type Wait } from './get-request.ts';
import { ThreadRings } from './thread-rings.ts';
import { WaitSeats } from './wait-seats.ts';

const MAX_WAITING = 16;

const SILENT_BUS: Bus = {
  connected: true,
  ring: () => undefined,
  hear: () => () => Promise.resolve(),
  request: () => Promise.reject(new Error('nobody serves here')),
};
const AT_ONCE: Wait = { waitMs: 0, ending: new AbortController().signal };
const MINUTE: Wait = { ...AT_ONCE, waitMs: 60_000 };

let world: World;
let story: RequestStory;
let requests: GetRequest;

beforeEach(async () => {
  world = await World.acme();
  story = await RequestStory.begin(world);
  requests = new GetRequest(world.context('intake'), new ThreadRings(SILENT_BUS), new WaitSeats(MAX_WAITING));
});

const readBy = async (entity: string, wait = AT_ONCE) =>
  requests.wait(await world.caller(entity), story.request.requestId, wait);

describe('reading a request', () => {
  it.each(['Agent::"etl-bot"', 'User::"carol"', 'User::"alice"', 'User::"dave"'])(
    'is open to its requester, owner, approvers and auditors: %s',
    async (entity) => {
      await expect(readBy(entity)).resolves.toMatchObject({ status: 'pending' });
    },
  );

  it('tells everybody else what it tells of an id that does not exist', async () => {
    await expect(readBy('Agent::"deploy-bot"')).rejects.toMatchObject({ code: 'not_found' });
    const unknown = requests.wait(await world.caller('User::"dave"'), crypto.randomUUID(), AT_ONCE);
    await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
  });

  it('waits until it has settled, doorbell or not', async () => {
    const reading = readBy('Agent::"etl-bot"', MINUTE);
    await story.approve('alice');
    await expect(reading).resolves.toMatchObject({ status: 'approved' });
  });

  it('with a version waits for any change after it, also once settled', async () => {
    await story.approve('alice');
    const { version } = await readBy('Agent::"etl-bot"');
    const reading = readBy('Agent::"etl-bot"', { ...MINUTE, afterVersion: version });
    await story.claim();
    await expect(reading).resolves.toMatchObject({ status: 'approved', grant: { state: 'issued' } });
  });

  it('answers with what stands when the caller goes', async () => {
    const going = new AbortController();
    const reading = readBy('Agent::"etl-bot"', { ...MINUTE, ending: going.signal });
    going.abort();
    await expect(reading).resolves.toMatchObject({ status: 'pending' });
  });

  it('lets one principal leave so many calls waiting, and keeps no seat from another', async () => {
    const going = new AbortController();
    const wait = { ...MINUTE, ending: going.signal };
    const waiting = Array.from({ length: MAX_WAITING }, () => readBy('Agent::"etl-bot"', wait));
    const carols = readBy('User::"carol"', wait);
    const oneMore = readBy('Agent::"etl-bot"', MINUTE);
    await expect(Promise.race([oneMore, ...waiting, carols])).resolves.toMatchObject({ status: 'pending' });
    await expect(oneMore).resolves.toMatchObject({ status: 'pending' });
    going.abort();
    await Promise.all([...waiting, carols]);
    const seatAgain = readBy('Agent::"etl-bot"', MINUTE);
    await story.approve('alice');
    await expect(seatAgain).resolves.toMatchObject({ status: 'approved' });
  });

  it('shows nobody an approval that policy did not sign', async () => {
    const stranger = testKeys().signer('policy');
    const forger = new EventWriter({
      service: 'policy',
      store: world.store,
      signer: stranger,
      clock: world.clock,
    });
    const { requestId } = story.request;
    const forged = { type: 'ReviewApproved', data: { requestId } };
    await forger.append(streamName('review', requestId), 1, [forged], {
      actor: serviceActor('policy'),
      correlationId: requestId,
    });
    await expect(readBy('Agent::"etl-bot"')).rejects.toMatchObject({ code: 'signature_invalid' });
  });
});
