import { streamName, type RecordedEvent } from '@countersign/event-store';
import { Follower, View } from '@countersign/follower';
import { quietTelemetry, RequestStory, World } from '@countersign/service-testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { REQUESTS_PROJECTION } from '../requests-projection.ts';
import { CAPS } from '../spec-helpers.ts';
import { Admission, type AdmissionOptions } from './admission.ts';
import { bytesOf } from './open-requests-projection.ts';
import { OpenRequests } from './open-requests.ts';
import { AdmissionRefused } from './refusals.ts';

const ETL_BOT = 'Agent::"etl-bot"';
const DEPLOY_BOT = 'Agent::"deploy-bot"';

let world: World;
let view: View;
let follower: Follower;
let open: OpenRequests;
let applied: RecordedEvent[];

beforeEach(async () => {
  world = await World.acme();
  view = new View(':memory:', REQUESTS_PROJECTION);
  open = new OpenRequests(view);
  applied = [];
  const onApplied = (events: readonly RecordedEvent[]): void => {
    applied.push(...events);
    open.applied(events);
  };
  follower = new Follower({
    store: world.store,
    projection: REQUESTS_PROJECTION,
    view,
    livePauseMs: 0,
    onApplied,
  });
  follower.start();
  await follower.caughtUp;
});
afterEach(async () => {
  await follower.stop();
  view.close();
});

const admissionOf = ({ caps, ...options }: Partial<AdmissionOptions> = {}): Admission =>
  new Admission({
    open,
    caps: { ...CAPS, ...caps },
    maxUnevaluated: 1_000,
    metrics: quietTelemetry().metrics,
    nowMs: () => 0,
    ...options,
  });

const admit = (admission: Admission, requester = ETL_BOT, bytes = 100): Promise<string> =>
  admission.admit({ requestId: crypto.randomUUID(), requester, bytes }, () => Promise.resolve('appended'));

const refusalOf = async (requester: string, admission: Admission): Promise<AdmissionRefused> => {
  const error: unknown = await admit(admission, requester).catch((refusal: unknown) => refusal);
  if (error instanceof AdmissionRefused) return error;
  throw new Error('It was admitted.', { cause: error });
};

const seen = (id: string, type: string): Promise<void> =>
  vi.waitFor(
    () =>
      expect(applied.map((event) => `${event.stream} ${event.type}`)).toContain(
        `${streamName(type === 'ActionRequested' ? 'request' : 'review', id)} ${type}`,
      ),
    { timeout: 10_000 },
  );

describe('admission', () => {
  it('holds a requester to its rate after a burst, and says when to come again', async () => {
    const admission = admissionOf({ caps: { ...CAPS, perSecond: 1 } });
    for (let sent = 0; sent < 10; sent += 1) await admit(admission);
    await expect(admit(admission)).rejects.toMatchObject({
      code: 'too_many_requests',
      retryAfterS: expect.any(Number),
    });
    await expect(admit(admission, DEPLOY_BOT)).resolves.toBe('appended');
  });

  it('counts what it admitted before its view has seen it, and once after', async () => {
    const story = await RequestStory.begin(world);
    await seen(story.id, 'ReviewOpened');
    const bytes = bytesOf(story.request);
    expect(open.heldBy(ETL_BOT)).toEqual({ requests: 1, pending: 1, bytes });
    const other = crypto.randomUUID();
    open.expect(other, { requester: ETL_BOT, bytes });
    expect(open.heldBy(ETL_BOT)).toEqual({ requests: 2, pending: 1, bytes: 2 * bytes });
    expect(open.unevaluated()).toBe(1);
    await RequestStory.begin(world, { requestId: other });
    await seen(other, 'ReviewOpened');
    expect(open.heldBy(ETL_BOT)).toEqual({ requests: 2, pending: 2, bytes: 2 * bytes });
    expect(open.unevaluated()).toBe(0);
  });

  it('refuses one more than so many that are open, until one of them has ended', async () => {
    const admission = admissionOf({ caps: { ...CAPS, openRequests: 2 } });
    const [first] = [await RequestStory.begin(world), await RequestStory.begin(world)];
    await vi.waitFor(() => expect(open.heldBy(ETL_BOT)).toMatchObject({ pending: 2 }), { timeout: 10_000 });
    expect(await refusalOf(ETL_BOT, admission)).toMatchObject({ code: 'too_many_open_requests' });
    await expect(admit(admission, DEPLOY_BOT)).resolves.toBe('appended');
    await first.deny('alice');
    await seen(first.id, 'ReviewDenied');
    await expect(admit(admission)).resolves.toBe('appended');
  });

  it('asks for more patience where people are waited for than where policy is', async () => {
    const admission = admissionOf({ caps: { ...CAPS, openRequests: 1 } });
    await admit(admission, DEPLOY_BOT);
    const story = await RequestStory.begin(world);
    await seen(story.id, 'ReviewOpened');
    const [forPolicy, forPeople] = [
      await refusalOf(DEPLOY_BOT, admission),
      await refusalOf(ETL_BOT, admission),
    ];
    expect(forPolicy.retryAfterS).toBeLessThanOrEqual(3);
    expect(forPeople.retryAfterS).toBeGreaterThanOrEqual(20);
  });

  it('refuses what would bring the bytes that are open past the cap', async () => {
    const admission = admissionOf({ caps: { ...CAPS, openBytes: 1_000 } });
    await admit(admission, ETL_BOT, 600);
    await expect(admit(admission, ETL_BOT, 401)).rejects.toMatchObject({ code: 'too_many_open_bytes' });
    await expect(admit(admission, ETL_BOT, 400)).resolves.toBe('appended');
  });

  it('admits no faster than policy evaluates, and keeps a share for whoever comes next', async () => {
    const admission = admissionOf({ maxUnevaluated: 8 });
    for (let sent = 0; sent < 4; sent += 1) await admit(admission);
    await expect(admit(admission)).rejects.toMatchObject({ code: 'overloaded' });
    await expect(admit(admission, DEPLOY_BOT)).resolves.toBe('appended');
  });

  it('counts as unevaluated what stands without an evaluation, whoever admitted it', async () => {
    const admission = admissionOf({ maxUnevaluated: 2 });
    const id = crypto.randomUUID();
    await world
      .writer('intake')
      .append(
        streamName('request', id),
        'no-stream',
        [{ type: 'ActionRequested', data: { subject: { type: 'Agent', id: 'etl-bot' } } }],
        {
          actor: { type: 'Agent', id: 'etl-bot', via: { channel: 'api' } },
          correlationId: id,
        },
      );
    await seen(id, 'ActionRequested');
    await expect(admit(admission)).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('counts refusals by their code, and admissions', async () => {
    const results: unknown[] = [];
    const admissions = {
      add: (_: number, attributes?: { readonly result?: unknown }) => void results.push(attributes?.result),
    };
    const metrics = { ...quietTelemetry().metrics, admissions };
    const admission = admissionOf({ metrics, caps: { ...CAPS, openRequests: 1 } });
    await admission.inTurn(ETL_BOT, () => admit(admission));
    await admission.inTurn(ETL_BOT, () => admit(admission)).catch(() => undefined);
    expect(results).toEqual(['admitted', 'too_many_open_requests']);
  });
});
