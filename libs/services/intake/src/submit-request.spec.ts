import { streamName } from '@countersign/event-store';
import type { Caller } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { FailpointEventStore, Failpoints, refuseAppend } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { generousAdmission } from './spec-helpers.ts';
import { SubmitRequest } from './submit-request.ts';

const body = {
  action: { name: 'data.export' },
  resource: { type: 'Dataset', id: 'customers' },
  context: { justification: 'Quarterly report', rows: 500 },
};

let world: World;
let etlBot: Caller;
let submitRequest: SubmitRequest;

beforeEach(async () => {
  world = await World.acme();
  etlBot = await world.caller('Agent::"etl-bot"');
  submitRequest = new SubmitRequest({ ...world.context('intake'), admission: generousAdmission() });
});

const requestEvents = (id: string) => world.events(streamName('request', id));

describe('submitting a request', () => {
  it('takes the subject from the token and binds the four parts by one digest', async () => {
    const { requestId, digest } = await submitRequest.submit({ caller: etlBot, body });
    const [event, ...more] = await requestEvents(requestId);
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      type: 'ActionRequested',
      data: { digest, subject: { type: 'Agent', id: 'etl-bot', properties: {} } },
      metadata: { correlationId: requestId, actor: { type: 'Agent', id: 'etl-bot' }, service: 'intake' },
    });
  });

  it('binds the initiator whom the token names', async () => {
    const release = await world.caller('Pipeline::"release"', 'User::"carol"');
    const { requestId } = await submitRequest.submit({ caller: release, body });
    const [event] = await requestEvents(requestId);
    expect(event?.data['subject']).toEqual({
      type: 'Pipeline',
      id: 'release',
      properties: { initiator: 'carol' },
    });
  });

  it('gives two requests without a key two ids', async () => {
    const first = await submitRequest.submit({ caller: etlBot, body });
    const second = await submitRequest.submit({ caller: etlBot, body });
    expect(second.requestId).not.toBe(first.requestId);
    expect(second.digest).toBe(first.digest);
  });

  it('answers a repeat with the same key by the first request, appended once', async () => {
    const submission = { caller: etlBot, body, idempotencyKey: 'nightly-1' };
    const [first, second] = await Promise.all([
      submitRequest.submit(submission),
      submitRequest.submit(submission),
    ]);
    expect(second).toEqual(first);
    expect(await submitRequest.submit(submission)).toEqual(first);
    expect(await requestEvents(first.requestId)).toHaveLength(1);
  });

  it('refuses a key that was used for another action', async () => {
    await submitRequest.submit({ caller: etlBot, body, idempotencyKey: 'nightly-1' });
    const other = { ...body, context: { ...body.context, rows: 501 } };
    await expect(
      submitRequest.submit({ caller: etlBot, body: other, idempotencyKey: 'nightly-1' }),
    ).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });

  it('keeps the keys of two requesters apart', async () => {
    const deployBot = await world.caller('Agent::"deploy-bot"');
    const first = await submitRequest.submit({ caller: etlBot, body, idempotencyKey: 'nightly-1' });
    const second = await submitRequest.submit({ caller: deployBot, body, idempotencyKey: 'nightly-1' });
    expect(second.requestId).not.toBe(first.requestId);
  });

  it('refuses a property that contradicts the catalogue, and names it', async () => {
    const lying = { ...body, resource: { ...body.resource, properties: { environment: 'staging' } } };
    await expect(submitRequest.submit({ caller: etlBot, body: lying })).rejects.toMatchObject({
      code: 'property_conflict',
      field: 'resource.properties.environment',
    });
  });

  it('refuses a person: persons decide and never ask', async () => {
    const alice = await world.caller('User::"alice"');
    await expect(submitRequest.submit({ caller: alice, body })).rejects.toMatchObject({
      code: 'not_a_requester',
    });
  });

  it('refuses a requester owned by a group that names no initiator', async () => {
    const release = await world.caller('Pipeline::"release"');
    await expect(submitRequest.submit({ caller: release, body })).rejects.toMatchObject({
      code: 'initiator_required',
    });
  });

  it('refuses a subject in the body', async () => {
    const forged = { ...body, subject: { type: 'Agent', id: 'deploy-bot' } };
    await expect(submitRequest.submit({ caller: etlBot, body: forged })).rejects.toMatchObject({
      code: 'unknown_field',
      field: 'subject',
    });
  });
});

describe('at a cap', () => {
  const submission = { body, idempotencyKey: 'nightly-1' };

  beforeEach(() => {
    const admission = generousAdmission({ openRequests: 1 });
    submitRequest = new SubmitRequest({ ...world.context('intake'), admission });
  });

  it('refuses another request, and appends nothing of it', async () => {
    await submitRequest.submit({ ...submission, caller: etlBot });
    await expect(
      submitRequest.submit({ ...submission, caller: etlBot, idempotencyKey: 'nightly-2' }),
    ).rejects.toMatchObject({ code: 'too_many_open_requests' });
  });

  it('answers the repeat of a request that stands', async () => {
    const first = await submitRequest.submit({ ...submission, caller: etlBot });
    expect(await submitRequest.submit({ ...submission, caller: etlBot })).toEqual(first);
  });

  it('counts no request that was not appended', async () => {
    const failpoints = new Failpoints();
    failpoints.arm('before-append', refuseAppend);
    const admission = generousAdmission({ openRequests: 1 });
    const context = world.context('intake', new FailpointEventStore(world.store, failpoints));
    const submit = new SubmitRequest({ ...context, admission });
    await expect(submit.submit({ ...submission, caller: etlBot })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    const working = new SubmitRequest({ ...world.context('intake'), admission });
    await expect(working.submit({ ...submission, caller: etlBot })).resolves.toHaveProperty('requestId');
  });
});

describe('without a policy set', () => {
  it('takes nothing down', async () => {
    const empty = new World();
    const submit = new SubmitRequest({ ...empty.context('intake'), admission: generousAdmission() });
    await expect(submit.submit({ caller: etlBot, body })).rejects.toMatchObject({ code: 'no_policy_set' });
  });
});
