import { canonicalJson, isJsonObject, type Json, type JsonObject } from '@countersign/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrantWorld } from '../spec-helpers.ts';

const BODY = {
  action: { name: 'data.export', properties: { format: 'csv', limits: { rows: 500, exact: true } } },
  resource: { type: 'Dataset', id: 'customers', properties: { region: 'eu' } },
  context: {
    justification: 'Quarterly report',
    destination: 's3://reports/q3',
    command: ['pg_dump', '--table=customers'],
    labels: { ticket: 'OPS-1' },
    nothing: null,
    empty: {},
  },
};

type Path = readonly (string | number)[];

/** Every place in the value, containers and the value itself included. */
const placesIn = (value: Json, path: Path = []): Path[] => {
  const inner = Array.isArray(value)
    ? value.flatMap((item, index) => placesIn(item, [...path, index]))
    : isJsonObject(value)
      ? Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))
      : [];
  return [path, ...inner];
};

/** A copy in which `edit` has had its way with one container's member. */
const editAt = (
  value: Json,
  path: Path,
  edit: (container: Json[] | Record<string, Json>, key: never) => void,
) => {
  const copy = structuredClone(value) as Record<string, Json>;
  const container = path
    .slice(0, -1)
    .reduce<Json>((at, key) => (at as Record<string | number, Json>)[key] ?? null, copy);
  edit(container as Record<string, Json>, path.at(-1) as never);
  return copy;
};

/** AuthZEN lets properties be left out; that alone is no change. */
const spelledOut = (claimed: Json): string => {
  if (!isJsonObject(claimed)) return '';
  const full = (part: Json | undefined): Json =>
    isJsonObject(part) ? { properties: {}, ...part } : (part ?? 'missing');
  const { subject, action, resource, context } = claimed;
  return canonicalJson([full(subject), full(action), full(resource), context ?? 'missing']);
};

const NAME = fc.stringMatching(/^[a-z]{1,12}$/);

const changeOf = (whole: JsonObject): fc.Arbitrary<JsonObject> => {
  const places = placesIn(whole).filter((path) => path.length > 0);
  const objects = placesIn(whole).filter((path) => {
    const at = path.reduce<Json>(
      (value, key) => (value as Record<string | number, Json>)[key] ?? null,
      whole,
    );
    return path.length > 0 && isJsonObject(at);
  });
  const change = fc
    .tuple(fc.constantFrom(...places), fc.jsonValue())
    .map(([path, value]) => editAt(whole, path, (at, key) => Object.assign(at, { [key]: value })));
  const removal = fc
    .constantFrom(...places)
    .map((path) =>
      editAt(whole, path, (at, key) => (Array.isArray(at) ? at.splice(key, 1) : delete at[key])),
    );
  const addition = fc
    .tuple(fc.constantFrom(...objects), NAME, fc.jsonValue())
    .map(([path, name, value]) =>
      editAt(whole, [...path, name], (at, key) => Object.assign(at, { [key]: value })),
    );
  return fc.oneof(change, removal, addition);
};

describe('redeeming with another action', () => {
  it('is refused whatever one place of it was changed, removed or added, and the approved one still runs', async () => {
    const world = await GrantWorld.acme();
    const replica = world.replica();
    const etlBot = await world.caller('Agent::"etl-bot"');
    const id = await world.approved(BODY);
    const { view } = await replica.claimGrant.claim(id, etlBot);
    const { token, ...action } = await world.redemption(id, view.token);
    await fc.assert(
      fc.asyncProperty(changeOf(action), async (changed) => {
        fc.pre(spelledOut(changed) !== spelledOut(action));
        await expect(replica.redeem(etlBot, { ...changed, token: view.token })).rejects.toMatchObject({
          code: 'digest_mismatch',
        });
      }),
      { numRuns: 500 },
    );
    expect(await world.types('grant', id)).toEqual(['GrantOpened', 'TokenIssued']);
    expect(token).toBe(view.token);
    await expect(replica.redeem(etlBot, { ...action, token: view.token })).resolves.toMatchObject({
      grantId: id,
    });
  });

  it('is refused where it is larger than any action that is accepted', async () => {
    const world = await GrantWorld.acme();
    const replica = world.replica();
    const etlBot = await world.caller('Agent::"etl-bot"');
    const id = await world.approved();
    const { view } = await replica.claimGrant.claim(id, etlBot);
    const body = await world.redemption(id, view.token);
    const huge = { ...body, context: { justification: 'x'.repeat(60_000) } };
    await expect(replica.redeem(etlBot, huge)).rejects.toMatchObject({ code: 'digest_mismatch' });
  });

  it('is the approved one where only empty properties are left out', async () => {
    const world = await GrantWorld.acme();
    const replica = world.replica();
    const etlBot = await world.caller('Agent::"etl-bot"');
    const id = await world.approved();
    const { view } = await replica.claimGrant.claim(id, etlBot);
    const body = await world.redemption(id, view.token);
    const short = { ...body, subject: { type: 'Agent', id: 'etl-bot' } };
    await expect(replica.redeem(etlBot, short)).resolves.toMatchObject({ grantId: id });
  });
});
