import type { AuditEventsPage, AuditEventsQuery } from '@countersign/contracts';
import { streamName, type EventStore } from '@countersign/event-store';
import type { Caller } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { FailpointEventStore, Failpoints, refuseAppend } from '@countersign/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditOver, dave, type Audit } from '../audit-spec-helpers.ts';
import { Story } from '../story-spec-helpers.ts';
import { LOG_CURSOR } from './events-place.ts';

let world: World;
let audit: Audit;
let auditor: Caller;
let stories: Story[];

beforeEach(async () => {
  world = await World.acme();
  audit = auditOver(world);
  auditor = await dave(world);
  stories = [];
  for (let nth = 1; nth <= 3; nth += 1) {
    const story = await Story.begin(world, nth);
    stories.push(story);
    await story.evaluate();
    await story.decide('alice');
  }
});

const list = (query: Partial<AuditEventsQuery> = {}): Promise<AuditEventsPage> =>
  audit.listEvents.list(auditor, { limit: 100, ...query });

const placesOf = ({ events }: AuditEventsPage) =>
  events.map(({ stream, revision }) => `${stream}@${revision}`);

const allPages = async (query: Partial<AuditEventsQuery>, between = async () => {}) => {
  const pages = [await list(query)];
  for (let cursor = pages[0]?.nextCursor; cursor !== undefined; cursor = pages.at(-1)?.nextCursor) {
    await between();
    pages.push(await list({ ...query, cursor }));
  }
  return pages;
};

const logOf = async (store: EventStore): Promise<string[]> => {
  const places: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const subscription = store.subscribe(
    { categories: ['request', 'review', 'policyset'] },
    {
      onEvents: (events) =>
        void places.push(...events.map(({ stream, revision }) => `${stream}@${revision}`)),
      onCaughtUp: resolve,
    },
  );
  await promise;
  await subscription.close();
  return places;
};

const evidence = () => world.events(streamName('evidence', '2026-11-20'));

describe('the events', () => {
  it('are the log, whole and in its order, each with the verdict on its signature', async () => {
    const page = await list();
    expect(placesOf(page)).toEqual(await logOf(world.store));
    expect(page.events.every(({ signatureValid }) => signatureValid)).toBe(true);
    const [reading] = await evidence();
    expect(page).toMatchObject({ mode: 'development', asOf: reading?.position });
    const [stored] = await world.events(streamName('request', stories[0]?.id ?? ''));
    expect(page.events).toContainEqual({ ...stored, signatureValid: true });
  });

  it.each([1, 2, 5, 7])('come once each in pages of %i, appends torn by the page included', async (limit) => {
    const pages = await allPages({ limit });
    expect(pages.flatMap(placesOf)).toEqual(await logOf(world.store));
    expect(pages.flatMap(({ events }) => events).every(({ signatureValid }) => signatureValid)).toBe(true);
  });

  it('end where the first page was taken, whatever is appended meanwhile', async () => {
    const before = await logOf(world.store);
    let nth = 100;
    const pages = await allPages({ limit: 4 }, async () => {
      nth += 1;
      await Story.begin(world, nth);
    });
    expect(pages.flatMap(placesOf)).toEqual(before);
    expect(new Set(pages.map(({ asOf }) => asOf)).size).toBe(1);
  });

  it('of one request end where its first page was taken, too', async () => {
    const [story] = stories;
    const pages = await allPages({ request: story?.id, limit: 2 }, async () => {
      await story?.claim();
    });
    expect(pages.flatMap(placesOf)).toHaveLength(5);
    expect(placesOf(await list({ request: story?.id }))).toHaveLength(7);
  });

  it('are all found where one call looks at few, on short and empty pages', async () => {
    audit = auditOver(world, world.store, { most: 2 });
    const pages = await allPages({ type: 'ReviewApproved' });
    expect(pages.flatMap(placesOf)).toEqual(stories.map(({ id }) => `review-${id}@3`));
    expect(pages.some(({ events }) => events.length === 0)).toBe(true);
  });

  it('can be asked for by category and type', async () => {
    const reviews = await list({ category: 'review', type: 'ReviewApproved' });
    expect(placesOf(reviews)).toEqual(stories.map(({ id }) => `review-${id}@3`));
    expect(placesOf(await list({ category: 'request', type: 'ReviewApproved' }))).toEqual([]);
  });

  it('can be asked for by request, page by page', async () => {
    const id = stories[1]?.id ?? '';
    const whole = [`request-${id}@0`, `review-${id}@0`, `review-${id}@1`, `review-${id}@2`, `review-${id}@3`];
    const pages = await allPages({ request: id, limit: 2 });
    expect(pages.map(({ events }) => events.length)).toEqual([2, 2, 1]);
    expect(pages.flatMap(placesOf)).toEqual(whole);
    expect(placesOf(await list({ request: id, category: 'review', type: 'ReviewOpened' }))).toEqual([
      `review-${id}@1`,
    ]);
    expect(placesOf(await list({ request: '00000000-0000-4000-8000-000000000099' }))).toEqual([]);
  });

  it('are refused by a cursor that is none, or of another log', async () => {
    await expect(list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
    const foreign = LOG_CURSOR.format({ after: '999999', end: '999999' });
    await expect(list({ cursor: foreign })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('who reads the events', () => {
  it('is an auditor', async () => {
    const alice = await world.caller('User::"alice"');
    await expect(audit.listEvents.list(alice, { limit: 1 })).rejects.toMatchObject({ code: 'not_auditor' });
  });

  it('stands on record with what was asked for and shown', async () => {
    const { events } = await list({ category: 'review', limit: 3 });
    expect(await evidence()).toMatchObject([
      {
        type: 'EvidenceRead',
        data: {
          by: { type: 'User', id: 'dave' },
          what: 'events',
          filters: { category: 'review' },
          events: 3,
          first: events[0]?.position,
          last: events[2]?.position,
        },
      },
    ]);
  });

  it('is shown nothing where that can not be recorded', async () => {
    const failpoints = new Failpoints();
    const failing = auditOver(world, new FailpointEventStore(world.store, failpoints));
    failpoints.arm('before-append', refuseAppend);
    await expect(failing.listEvents.list(auditor, { limit: 1 })).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });
});
