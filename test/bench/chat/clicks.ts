import { createHmac, randomUUID } from 'node:crypto';
import type { RequestView } from '@countersign/contracts';
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

const signed = (payload: object): RequestInit => {
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const mac = createHmac('sha256', SIGNING_SECRET).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${mac}`,
    },
  };
};

/** From the sending of a click to the end of its acknowledgement, so many at once, each on a request of its own. */
export const clicksToAck = async (
  rounds: number,
  atOnce: number,
  instance: ChatInstance,
): Promise<Summary> => {
  const tookMs: number[] = [];
  const click = async (request: RequestView): Promise<void> => {
    const call = signed(submission(request));
    const startedMs = performance.now();
    const answer = await fetch(`${instance.address}/v1/slack/interactions`, call);
    const said = await answer.text();
    tookMs.push(performance.now() - startedMs);
    if (answer.status !== 200 || said !== '')
      throw new Error(`A click was not taken: ${answer.status} ${said}`);
  };
  for (let round = 0; round < rounds; round += 1) {
    const requests: RequestView[] = [];
    await inTurns(atOnce, 8, async () => {
      requests.push(await held(instance, await submit(instance, 'data.export')));
    });
    await Promise.all(requests.map(click));
    await Promise.all(requests.map((request) => decided(instance, request)));
  }
  return summarize(tookMs);
};

/** Every click comes to its decision; and none of it is left to the next round. */
const decided = async ({ address, tokens }: ChatInstance, { id, version }: RequestView): Promise<void> => {
  const response = await fetch(`${address}/v1/requests/${id}?wait=20&after=${version}`, {
    headers: { authorization: `Bearer ${tokens.requester}` },
  });
  const { status } = (await response.json()) as { readonly status: string };
  if (status !== 'approved') throw new Error(`${id} was clicked on, and is ${status}.`);
};
