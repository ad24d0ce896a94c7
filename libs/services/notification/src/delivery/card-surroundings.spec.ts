import type { ServiceConfig } from '@countersign/service-host';
import { RequestStory, World, type StoryOptions } from '@countersign/service-testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { cardSurroundings } from './card-surroundings.ts';

const config = (mode: ServiceConfig['mode'], requestLink?: string) =>
  ({ mode, requestLink }) as ServiceConfig;

describe('cardSurroundings', () => {
  let world: World;
  beforeEach(async () => (world = await World.acme()));

  const of = async (story: RequestStory, mode: ServiceConfig['mode'] = 'development') =>
    cardSurroundings({ config: config(mode), policySets: world.policySets })(story);

  const begin = (options?: StoryOptions) => RequestStory.begin(world, options);
  const twoOf = (group: string) => ({ obligations: { groups: [{ group, quorum: 2 }] } });

  it('names in development somebody who may decide', async () => {
    expect(await of(await begin())).toEqual({ isDevelopment: true, answerAs: 'alice' });
  });

  it('never names the owner, the initiator or somebody who has decided', async () => {
    const owned = await begin({ obligations: { groups: [{ group: 'platform', quorum: 1 }] } });
    expect(await of(owned)).toMatchObject({ answerAs: 'bob' });
    const subject = { type: 'Agent', id: 'etl-bot', properties: { initiator: 'alice' } };
    expect(await of(await begin({ subject }))).toMatchObject({ answerAs: 'bob' });
    const decided = await begin(twoOf('data-owners'));
    await decided.approve('alice');
    expect(await of(decided)).toMatchObject({ answerAs: 'bob' });
  });

  it('names nobody once there is nothing to answer, and never in production', async () => {
    const story = await begin();
    expect(await of(story, 'production')).toEqual({ isDevelopment: false });
    await story.approve('alice');
    expect(await of(story)).toEqual({ isDevelopment: true });
  });

  it('leads to the request where the settings say so, in each mode and whatever became of it', async () => {
    const story = await begin({ requestId: '00000000-0000-4000-8000-000000000001' });
    const link = 'https://console.acme.example/requests/00000000-0000-4000-8000-000000000001';
    const linked = (mode: ServiceConfig['mode']) =>
      cardSurroundings({
        config: config(mode, 'https://console.acme.example/requests/{id}'),
        policySets: world.policySets,
      })(story);
    expect(await linked('production')).toEqual({ isDevelopment: false, link });
    expect(await linked('development')).toEqual({ isDevelopment: true, link, answerAs: 'alice' });
    await story.approve('alice');
    expect(await linked('development')).toEqual({ isDevelopment: true, link });
  });
});
