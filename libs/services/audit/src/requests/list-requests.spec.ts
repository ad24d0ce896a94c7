import type { AuditRequestsQuery } from '@countersign/contracts';
import type { Caller } from '@countersign/service-host';
import { World } from '@countersign/service-testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditOver, dave, type Audit } from '../audit-spec-helpers.ts';
import { EXPORT, Story } from '../story-spec-helpers.ts';
import { LIST_CURSOR } from './list-place.ts';

const STAGING = { ...EXPORT, action: { name: 'data.read' }, resource: { type: 'Dataset', id: 'staging-1' } };

let world: World;
let audit: Audit;
let auditor: Caller;

beforeEach(async () => {
  world = await World.acme();
  audit = auditOver(world);
  auditor = await dave(world);
});

const list = async (query: Partial<AuditRequestsQuery> = {}, caller = auditor) => {
  await audit.settled();
  return audit.listRequests.list(caller, { limit: 50, ...query });
};

const idsOf = (page: { readonly requests: readonly { readonly id: string }[] }) =>
  page.requests.map(({ id }) => Number(id.slice(-12)));

describe('the filters', () => {
  let times: string[];

  beforeEach(async () => {
    times = [];
    const begin = async (...given: Parameters<typeof Story.begin>) => {
      times.push(world.clock.now());
      return Story.begin(...given);
    };
    const approved = await begin(world, 1);
    await approved.evaluate();
    await approved.decide('alice');
    const denied = await begin(world, 2, { by: { type: 'Agent', id: 'deploy-bot' } });
    await denied.evaluate();
    await denied.decide('alice', 'deny');
    const read = await begin(world, 3, { body: STAGING });
    await read.evaluate([]);
    const forbidden = await begin(world, 4, { by: { type: 'Pipeline', id: 'release' }, initiator: 'carol' });
    await forbidden.forbid();
    await begin(world, 5);
  });

  it.each<[Partial<AuditRequestsQuery>, number[]]>([
    [{}, [5, 4, 3, 2, 1]],
    [{ status: 'approved' }, [3, 1]],
    [{ status: 'denied' }, [4, 2]],
    [{ status: 'received' }, [5]],
    [{ status: 'pending' }, []],
    [{ requester: 'Agent::"deploy-bot"' }, [2]],
    [{ requester: 'Agent::"nobody"' }, []],
    [{ approver: 'alice' }, [2, 1]],
    [{ approver: 'User::"alice"' }, [2, 1]],
    [{ approver: 'bob' }, []],
    [{ action: 'data.read' }, [3]],
    [{ resource: 'Dataset/customers' }, [5, 4, 2, 1]],
    [{ environment: 'staging' }, [3]],
    [{ environment: 'prod' }, [4, 2, 1]],
    [{ policy: 'never-delete-prod' }, [4]],
    [{ approver: 'alice', status: 'approved', action: 'data.export' }, [1]],
    [{ approver: 'alice', environment: 'staging' }, []],
  ])('%j finds exactly those', async (query, ids) => {
    expect(idsOf(await list(query))).toEqual(ids);
  });

  it('`from` takes the time itself in, `to` leaves it out, in any zone', async () => {
    expect(idsOf(await list({ from: times[3] }))).toEqual([5, 4]);
    expect(idsOf(await list({ to: times[3] }))).toEqual([3, 2, 1]);
    const inZone = times[3]?.replace('T10:', 'T12:').replace('Z', '+02:00');
    expect(idsOf(await list({ from: inZone, to: times[4] }))).toEqual([4]);
  });

  it('refuses an approver that is no person', async () => {
    await expect(list({ approver: 'Agent::"etl-bot"' })).rejects.toMatchObject({ code: 'invalid_field' });
  });
});

describe('an entry', () => {
  it('tells who asked for what, by which policies and persons, in which environment', async () => {
    const story = await Story.begin(world, 1, {
      by: { type: 'Pipeline', id: 'release' },
      initiator: 'carol',
    });
    await story.evaluate();
    await story.decide('bob');
    const { mode, requests } = await list();
    expect(mode).toBe('development');
    expect(requests).toEqual([
      {
        id: story.id,
        status: 'approved',
        requester: 'Pipeline::"release"',
        initiator: 'carol',
        action: 'data.export',
        resource: 'Dataset/customers',
        environment: 'prod',
        policies: ['export-needs-data-owner'],
        approvers: ['bob'],
        digest: story.digest,
        requestedAt: '2026-11-20T10:00:00.000Z',
      },
    ]);
  });
});

describe('the pages of one listing', () => {
  const allPages = async (query: Partial<AuditRequestsQuery>, between: () => Promise<void>) => {
    const pages = [await list(query)];
    for (let cursor = pages[0]?.nextCursor; cursor !== undefined; cursor = pages.at(-1)?.nextCursor) {
      await between();
      pages.push(await list({ ...query, cursor }));
    }
    return pages;
  };

  const beginMany = async (count: number): Promise<Story[]> => {
    const stories: Story[] = [];
    for (let nth = 1; nth <= count; nth += 1) stories.push(await Story.begin(world, nth));
    return stories;
  };

  it('show each request once, whatever is asked meanwhile', async () => {
    await beginMany(7);
    let nth = 100;
    const pages = await allPages({ limit: 3 }, async () => {
      nth += 1;
      await Story.begin(world, nth);
    });
    expect(pages.map(idsOf)).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
    expect(new Set(pages.map(({ asOf }) => asOf)).size).toBe(1);
  });

  it('show the record as it stood, whatever is decided meanwhile', async () => {
    const stories = await beginMany(5);
    for (const story of stories) await story.evaluate();
    const waiting = stories.slice();
    const pages = await allPages({ limit: 2, status: 'pending' }, async () => {
      for (const story of waiting.splice(0, 2)) await story.decide('alice');
    });
    expect(pages.map(idsOf)).toEqual([[5, 4], [3, 2], [1]]);
    expect(pages.flatMap(({ requests }) => requests).every(({ approvers }) => approvers.length === 0)).toBe(
      true,
    );
    expect(idsOf(await list({ status: 'pending' }))).toEqual([5]);
  });

  it.each([1, 2, 3])('are the same where a search takes %i at a time', async (stretch) => {
    await beginMany(7);
    audit = auditOver(world, world.store, { stretch });
    const pages = await allPages({ limit: 3 }, async () => {});
    expect(pages.map(idsOf)).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
  });

  it('end without a cursor where the last page is just full', async () => {
    await beginMany(2);
    expect(await list({ limit: 2 })).not.toHaveProperty('nextCursor');
  });

  it('are none while nothing was ever asked', async () => {
    expect(await list()).toMatchObject({ requests: [] });
  });

  it('are refused by a cursor that is none of ours, or of another log', async () => {
    await beginMany(2);
    await expect(list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_cursor' });
    const { nextCursor = '' } = await list({ limit: 1 });
    const { pin, before } = LIST_CURSOR.parse(nextCursor);
    const foreign = LIST_CURSOR.format({ pin: { ...pin, lastId: 'another' }, before });
    await expect(list({ cursor: foreign })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it('wait for a replica that is behind the one which gave the cursor', async () => {
    await beginMany(2);
    const { nextCursor = '' } = await list({ limit: 1 });
    const { pin, before } = LIST_CURSOR.parse(nextCursor);
    const ahead = LIST_CURSOR.format({ pin: { ...pin, requests: pin.requests + 1 }, before });
    await expect(list({ cursor: ahead })).rejects.toMatchObject({ code: 'projection_unavailable' });
  });
});

describe('who may list', () => {
  it.each(['User::"alice"', 'User::"carol"', 'Agent::"etl-bot"'])('not %s', async (who) => {
    await expect(list({}, await world.caller(who))).rejects.toMatchObject({ code: 'not_auditor' });
  });

  it('nobody before the projection has caught up', async () => {
    const late = auditOver(world);
    await expect(late.listRequests.list(auditor, { limit: 1 })).rejects.toMatchObject({
      code: 'projection_unavailable',
    });
  });
});
