import { beforeAll, describe, expect, it, vi } from 'vitest';
import { brokenIn, INVARIANTS, STEP_INVARIANTS, stuckStates } from './invariants.ts';
import { DEFECTS, type Defect } from './rules.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';
import { describeWay, search, type Search } from './search.ts';
import { statusOf } from './state.ts';

// Pure computation, which takes as long as the machine wants.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Every log or step that breaks the rule, by the shortest way to it. */
const broken = (found: Search, scenario: Scenario, rule: string): readonly string[] =>
  found.states.flatMap(({ log }, index) =>
    INVARIANTS[rule]?.(log, scenario) === false ? [describeWay(found.wayTo(index))] : [],
  );

const brokenSteps = (found: Search, rule: string): readonly string[] =>
  found.edges.flatMap((edges, from) =>
    edges
      .filter((edge) => STEP_INVARIANTS[rule]?.(edge, found.states[from]!) === false)
      .map((edge) => describeWay([...found.wayTo(from), edge])),
  );

const searched = new Map<Scenario, Search>();
beforeAll(() => {
  for (const scenario of SCENARIOS) {
    const found = search({ scenario });
    searched.set(scenario, found);
    console.log(`model: ${found.states.length} states, ${found.transitions} transitions: ${scenario.name}`);
  }
});

describe.each(SCENARIOS)('every interleaving of two replicas: $name', (scenario) => {
  let found: Search;
  beforeAll(() => {
    found = searched.get(scenario)!;
  });

  it.each(Object.keys(INVARIANTS))('%s', (rule) => {
    expect(broken(found, scenario, rule).slice(0, 3)).toEqual([]);
  });

  it.each(Object.keys(STEP_INVARIANTS))('%s', (rule) => {
    expect(brokenSteps(found, rule).slice(0, 3)).toEqual([]);
  });

  it('nothing gets stuck: by time and the services’ own work each request comes to an end', () => {
    expect(stuckStates(found).map((index) => describeWay(found.wayTo(index)))).toEqual([]);
  });
});

describe('the model', () => {
  it('reaches every end, and every answer', () => {
    const searches = [...searched.values()];
    const statuses = new Set(searches.flatMap(({ states }) => states.map(({ log }) => statusOf(log))));
    expect([...statuses].toSorted()).toEqual(
      'approved cancelled denied expired failed grant_expired pending redeemed revoked succeeded unreported'.split(
        ' ',
      ),
    );
    const answers = searches.flatMap(({ edges }) => edges.flat().flatMap(({ answer }) => answer ?? []));
    expect([...new Set(answers)].toSorted()).toEqual(
      (
        'already_decided already_redeemed already_reported cancelled claimed digest_mismatch done grant_expired ' +
        'grant_revoked is_initiator is_owner not_approved not_human not_in_group not_redeemed not_verified recorded ' +
        'redeemed reported review_closed revoked too_late too_much_contention'
      ).split(' '),
    );
  });
});

/** The rule that a defect breaks, by the shortest way that breaks one. */
const caught = (defect: Defect, scenario: Scenario): string | undefined => {
  let rule: string | undefined;
  const found = search({ scenario, defect }, ({ log }) => {
    rule = brokenIn(log, scenario);
    return rule !== undefined;
  });
  if (rule !== undefined) return rule;
  return stuckStates(found).length > 0 ? 'stuck' : undefined;
};

const [LIFE, TWO_GROUPS, ESCALATED] = SCENARIOS;
/** Where each mistake shows, and what it breaks: a model that can't fail would prove nothing. */
const CAUGHT: Readonly<Record<Defect, readonly [Scenario | undefined, RegExp]>> = {
  'appends without looking at the revision': [LIFE, /review ends at most once/],
  'sends again as new what was lost': [LIFE, /review ends at most once/],
  'hears one person twice': [TWO_GROUPS, /heard twice/],
  'seats one person twice': [TWO_GROUPS, /quorum/],
  'lets the owner decide': [TWO_GROUPS, /theirs/],
  'lets the initiator decide': [TWO_GROUPS, /theirs/],
  'lets anybody decide': [TWO_GROUPS, /seat/],
  'goes on after a denial': [TWO_GROUPS, /denial/],
  'counts alternatives before their time': [ESCALATED, /seat/],
  'takes late decisions': [LIFE, /approval comes in time/],
  'never expires a review': [TWO_GROUPS, /stuck/],
  'opens a grant without an approval': [LIFE, /without an approval/],
  'redeems what was taken back': [LIFE, /a grant ends at most once/],
  'redeems what is spent': [LIFE, /a grant ends at most once/],
  'redeems after the deadline': [LIFE, /redemption comes in time/],
  'does not ask policy again': [LIFE, /authorized at its moment/],
  'never expires a grant': [TWO_GROUPS, /stuck/],
};

describe('a mistake is found out', () => {
  it.each(DEFECTS)('a service that %s', (defect) => {
    const [scenario, rule] = CAUGHT[defect];
    expect(caught(defect, scenario!)).toMatch(rule);
  });
});
