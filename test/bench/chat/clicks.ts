import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestView } from '@countersign/contracts';
import { RawHttp } from '../raw-http.ts';
import { summarize, type Summary } from '../statistics.ts';
import { ALICE, SIGNING_SECRET, TEAM, type ChatInstance } from './chat-instance.ts';
import { held, inTurns, submit } from './requests.ts';

/** As Slack sends a modal that was filled in. */
const submission = ({ id: r, digest: d, version: v }: RequestView): object => ({
  type: 'view_submission',
  user: { id: ALICE, team_id: TEAM },
  team: { id: TEAM },
  view: {
    id: `V${randomUUID()}`,
    hash: '1.a',
    callback_id: 'countersign_decide',
    private_metadata: JSON.stringify({ r, d, v, m: `${TEAM}/C0BENCH/1.1`, k: 'approve', p: 1 }),
    state: { values: { reason: { reason: { type: 'plain_text_input', value: 'Agreed with finance' } } } },
  },
});

interface SignedCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const signed = (payload: object): SignedCall => {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const mac = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    },
  };
};

export interface ClicksToAck {
  /** The first that this process was ever sent. */
  readonly first: Summary;
  /** Once it has run in. */
  readonly later: Summary;
}

const WARM_UP_ROUNDS = 2;

/** Until cards say what was decided: that is another row's. */
const QUIET_MS = 2_000;

/** From the sending of a click to the end of its acknowledgement, so many at once, each on a request of its own. */
export const clicksToAck = async (
  rounds: number,
  atOnce: number,
  instance: ChatInstance,
): Promise<ClicksToAck> => {
  const connections = await Promise.all(Array.from({ length: atOnce }, () => RawHttp.open(instance.address)));
  const tookMs: number[][] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    const requests: RequestView[] = [];
    await inTurns(atOnce, 8, async () => {
      requests.push(await held(instance, await submit(instance, 'data.export')));
    });
    await delay(QUIET_MS);
    const calls = requests.map((request) => signed(submission(request)));
    tookMs.push(await Promise.all(connections.map((http, nth) => click(http, calls[nth]))));
    await Promise.all(requests.map((request) => decided(instance, request)));
  }
  for (const http of connections) http.close();
  return { first: summarize(tookMs[0] ?? []), later: summarize(tookMs.slice(WARM_UP_ROUNDS).flat()) };
};

/** Milliseconds. */
const click = async (http: RawHttp, call: SignedCall | undefined): Promise<number> => {
  const startedMs = performance.now();
  const { status, json } = await http.postText(
    '/v1/slack/interactions',
    call?.headers ?? {},
    call?.body ?? '',
  );
  const tookMs = performance.now() - startedMs;
  if (status === 200 && json === undefined) return tookMs;
  throw new Error(`A click was not taken: ${status} ${JSON.stringify(json)}`);
};

/** Every click comes to its decision; and none of it is left to the next round. */
const decided = async ({ address, tokens }: ChatInstance, { id, version }: RequestView): Promise<void> => {
  const response = await fetch(`${address}/v1/requests/${id}?wait=20&after=${version}`, {
    headers: { authorization: `Bearer ${tokens.requester}` },
  });
  const { status } = (await response.json()) as { readonly status: string };
  if (status !== 'approved') throw new Error(`${id} was clicked on, and is ${status}.`);
};
