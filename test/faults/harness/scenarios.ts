import { addPolicy } from '../../e2e/harness/add-policy.ts';
import {
  actionOf,
  bulkExport,
  smallExport,
  stagingRead,
  type ActionParts,
} from '../../e2e/harness/life-cycle.ts';
import type { Journey } from './journey.ts';

/** A whole life of a request, and the status in which it ends. */
export interface Scenario {
  readonly name: string;
  readonly ends: readonly string[];
  play(journey: Journey): Promise<void>;
}

/** Actions whose deadlines are short enough to be waited for. */
const SOON: Readonly<Record<string, string>> = {
  'data.sampled': '@expires_in("1s")',
  'data.lent': '@grant_ttl("1s")',
  'data.escalated': '@escalate_after("1s") @escalate_to("platform")',
};

/** What the scenarios need beyond acme's own rules. */
export const addScenarioPolicies = (folder: string): void => {
  for (const [action, annotations] of Object.entries(SOON)) addPolicy(folder, action, annotations);
};

const soon = (action: string): ActionParts => actionOf(action, 'Dataset', 'customers');

const open = async (journey: Journey, body: ActionParts = smallExport()): Promise<void> => {
  await journey.submit(body);
  await journey.until('pending');
};

const approved = async (journey: Journey, body?: ActionParts): Promise<void> => {
  await open(journey, body);
  await journey.decide('alice');
  await journey.until('approved');
};

export const run = async (journey: Journey): Promise<void> => {
  const token = await journey.claim();
  await journey.redeem(token);
  await journey.report();
};

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'permitted at once and run',
    ends: ['succeeded'],
    play: async (journey) => {
      await journey.submit(stagingRead());
      await journey.until('approved');
      await run(journey);
    },
  },
  {
    name: 'approved and run',
    ends: ['succeeded'],
    play: async (journey) => {
      await open(journey);
      await journey.decide('carol', { expect: [403] });
      await journey.decide('alice');
      await journey.until('approved');
      await run(journey);
    },
  },
  {
    name: 'approved by two',
    ends: ['succeeded'],
    play: async (journey) => {
      await open(journey, bulkExport());
      await Promise.all([journey.decide('alice'), journey.decide('bob')]);
      await journey.until('approved');
      await run(journey);
    },
  },
  {
    name: 'run by two copies of one job',
    ends: ['succeeded'],
    play: async (journey) => {
      await approved(journey);
      const token = await journey.claim();
      const redeeming = ['one', 'two'].map((copy) =>
        journey.redeem(token, { redemptionId: `${journey.key} ${copy}`, expect: [200, 409] }),
      );
      const redeemed = (await Promise.all(redeeming)).filter(({ status }) => status === 200);
      if (redeemed.length !== 1) throw new Error(`${redeemed.length} copies of one job may run it.`);
      await journey.report();
    },
  },
  {
    name: 'denied',
    ends: ['denied'],
    play: async (journey) => {
      await open(journey);
      await journey.decide('bob', { decision: 'deny' });
    },
  },
  {
    name: 'cancelled',
    ends: ['cancelled'],
    play: async (journey) => {
      await open(journey);
      await journey.cancel();
    },
  },
  {
    name: 'cancelled after the approval',
    ends: ['revoked'],
    play: async (journey) => {
      await approved(journey);
      await journey.cancel();
    },
  },
  {
    name: 'revoked',
    ends: ['revoked'],
    play: async (journey) => {
      await approved(journey);
      const token = await journey.claim();
      await journey.revoke();
      await journey.redeem(token, { expect: [410] });
    },
  },
  {
    name: 'expired',
    ends: ['expired', 'undeliverable'],
    play: async (journey) => journey.submit(soon('data.sampled')),
  },
  {
    name: 'escalated and cancelled',
    ends: ['cancelled'],
    play: async (journey) => {
      await open(journey, soon('data.escalated'));
      await journey.untilEscalated();
      await journey.cancel();
    },
  },
  {
    name: 'approved and never run',
    ends: ['grant_expired'],
    play: async (journey) => {
      await open(journey, soon('data.lent'));
      await journey.decide('alice');
    },
  },
];

/** Two at once, of which one may win. */
export const RACES: readonly Scenario[] = [
  {
    name: 'cancelled while it is redeemed',
    ends: ['succeeded', 'revoked'],
    play: async (journey) => {
      await approved(journey);
      const token = await journey.claim();
      const [redeemed, cancelled] = await Promise.all([
        journey.redeem(token, { expect: [200, 410] }),
        journey.cancel([200, 409]),
      ]);
      if ((redeemed.status === 200) === (cancelled.status === 200)) {
        throw new Error(`${journey.id}: redeemed ${redeemed.status}, cancelled ${cancelled.status}`);
      }
      if (redeemed.status === 200) await journey.report();
    },
  },
];

/** What happens beside a request's own way; one at a time, as an activation replaces what its author saw. */
export const SURROUNDINGS: readonly Scenario[] = [
  {
    name: 'run under a set that was activated meanwhile',
    ends: ['succeeded'],
    play: async (journey) => {
      await journey.submit(stagingRead());
      await journey.until('approved');
      await journey.activateAnew();
      await run(journey);
    },
  },
  {
    name: 'run, and read by the auditor',
    ends: ['succeeded'],
    play: async (journey) => {
      await journey.submit(stagingRead());
      await journey.until('approved');
      await run(journey);
      await journey.readRecord();
    },
  },
];
