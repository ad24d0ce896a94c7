import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { problem } from '@countersign/contracts';
import { parseStreamName } from '@countersign/event-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from './harness/api.ts';
import { Countersign } from './harness/countersign.ts';
import { assertInvariants } from './harness/invariants.ts';
import {
  ALICE,
  decide,
  DEPLOY_BOT,
  ETL_BOT,
  RELEASE,
  smallExport,
  stagingRead,
  submit,
} from './harness/life-cycle.ts';
import { rush, type Submission, type Submitted } from './harness/rush.ts';

/** Permitted at once, so that the machine alone holds them back; and such as wait for people. */
const [PERMITTED, REVIEWED, CONNECTIONS, CALM] = [8_000, 2_000, 384, 20];

/** So low that each of them holds, however fast or slow the machine is. */
const MAX_UNEVALUATED = 40;
const CAPS = {
  COUNTERSIGN_MAX_UNEVALUATED: String(MAX_UNEVALUATED),
  COUNTERSIGN_REQUESTER_RATE: '50',
  COUNTERSIGN_REQUESTER_OPEN: '25',
};
const MAX_WAITING = 256;
const MAX_RSS_GROWTH_MB = 300;
const SAMPLE_MS = 200;
const REFUSALS = ['overloaded', 'too_many_requests', 'too_many_open_requests'];

let countersign: Countersign;
let deployBot: Api;
let alice: Api;
beforeAll(async () => {
  countersign = await Countersign.start({ env: CAPS });
  [deployBot, alice] = [await countersign.api(DEPLOY_BOT), await countersign.api(ALICE)];
});
afterAll(() => countersign.dispose());

const rssMb = (): number => {
  const status = readFileSync(`/proc/${countersign.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1_024;
};

/** The sum over all series of a metric that match. */
const metric = async (name: string, labels = ''): Promise<number> => {
  const { text } = await countersign.apiWith().get('/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(labels));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};

const flood = async (as: string, count: number, body: object): Promise<Submission[]> => {
  const [token, text] = [await countersign.token(as), JSON.stringify(body)];
  return Array.from({ length: count }, (_, nth) => ({
    token,
    idempotencyKey: `${as} ${nth}`,
    body: text,
  }));
};

/** Both floods, well mixed. */
const floods = async (): Promise<Submission[]> => {
  const permitted = await flood(ETL_BOT, PERMITTED, stagingRead());
  const reviewed = await flood(DEPLOY_BOT, REVIEWED, smallExport());
  return permitted.flatMap((one, nth) => (nth % 4 === 0 ? [one, reviewed[nth / 4]!] : [one]));
};

interface Sample {
  readonly unevaluated: number;
  readonly waiting: number;
}

/** Looks until it is told to stop. */
const sampling = (): (() => Promise<readonly Sample[]>) => {
  const stopping = new AbortController();
  const samples: Sample[] = [];
  const look = async (): Promise<readonly Sample[]> => {
    while (!stopping.signal.aborted) {
      const [unevaluated, waiting] = [
        await metric('countersign_requests_unevaluated'),
        await metric('countersign_submissions_waiting'),
      ];
      samples.push({ unevaluated, waiting });
      await delay(SAMPLE_MS);
    }
    return samples;
  };
  const looking = look();
  return async () => {
    stopping.abort();
    return looking;
  };
};

const requested = (): string[] =>
  countersign.log.streams('request').map((stream) => parseStreamName(stream).id);

const isAccepted = ({ status }: Submitted): boolean => status === 200 || status === 202;

describe('a flood of 10,000 requests by two agents', () => {
  let answers: readonly Submitted[];
  let samples: readonly Sample[];
  let growthMb: number;
  let calm: { readonly id: string; readonly denied: number }[];

  beforeAll(async () => {
    const release = await countersign.api(RELEASE, 'carol');
    const submissions = await floods();
    const [beforeMb, stopSampling] = [rssMb(), sampling()];
    const rushing = rush(countersign.address, submissions, CONNECTIONS);
    calm = [];
    for (let nth = 0; nth < CALM; nth += 1) {
      const asked = await submit(release, smallExport({ nth }));
      calm.push({ id: asked.id, denied: (await decide(alice, asked, 'deny')).status });
    }
    answers = await rushing;
    [samples, growthMb] = [await stopSampling(), rssMb() - beforeMb];
  }, 180_000);

  it('is admitted as far as the caps go, and refused past it by 429 and 503 with Retry-After', () => {
    expect(answers).toHaveLength(PERMITTED + REVIEWED);
    const refused = answers.filter((answer) => !isAccepted(answer));
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(REFUSALS));
    for (const { code, status, retryAfter } of refused) {
      expect({ code, status }).toEqual({ code, status: code === 'overloaded' ? 503 : 429 });
      expect(retryAfter).toMatch(/^[1-9][0-9]?$/);
    }
  });

  it("takes down another agent's requests meanwhile, and what people decide on them", () => {
    expect(calm.map(({ denied }) => denied)).toEqual(Array.from({ length: CALM }, () => 201));
  });

  it('leaves in the log what was accepted and nothing else', () => {
    const accepted = [...answers.filter(isAccepted), ...calm].map(({ id }) => id);
    expect(requested()).toHaveLength(accepted.length);
    expect(new Set(requested())).toEqual(new Set(accepted));
  });

  it('is told in the metrics, and never waits in more places than there are', async () => {
    const count = (code: string): number => answers.filter((answer) => answer.code === code).length;
    for (const code of REFUSALS) {
      expect(await metric('countersign_admissions_total', `result="${code}"`)).toBe(count(code));
    }
    expect(await metric('countersign_admissions_total', 'result="admitted"')).toBe(requested().length);
    expect(Math.max(...samples.map(({ unevaluated }) => unevaluated))).toBeLessThanOrEqual(MAX_UNEVALUATED);
    expect(Math.max(...samples.map(({ waiting }) => waiting))).toBeLessThanOrEqual(MAX_WAITING);
  });

  it('fills no memory', () => {
    expect(growthMb).toBeLessThan(MAX_RSS_GROWTH_MB);
  });

  it('leaves nothing unevaluated behind', async () => {
    await expect.poll(() => metric('countersign_requests_unevaluated'), { timeout: 30_000 }).toBe(0);
    assertInvariants(countersign);
  });

  it('leaves an agent at its cap what it has: a repeat is answered, and one that ends makes room', async () => {
    const first = answers.find(
      (answer) => isAccepted(answer) && answer.idempotencyKey.startsWith(DEPLOY_BOT),
    );
    const again = { 'idempotency-key': first!.idempotencyKey };
    const request = await submit(deployBot, smallExport(), again);
    expect(request).toMatchObject({ id: first!.id, status: 'pending' });
    const another = async (): Promise<unknown> => {
      const { status, json } = await deployBot.post('/v1/requests', smallExport({ after: 'the flood' }));
      return status === 429 ? problem.parse(json).code : status;
    };
    await expect.poll(another, { timeout: 10_000 }).toBe('too_many_open_requests');
    expect((await decide(alice, request, 'deny')).status).toBe(201);
    await expect.poll(another, { timeout: 10_000 }).toBe(202);
  });
});
