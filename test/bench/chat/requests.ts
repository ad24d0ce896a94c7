import { setTimeout as delay } from 'node:timers/promises';
import { requestView, type RequestView } from '@countersign/contracts';
import type { ChatInstance } from './chat-instance.ts';

const WAIT_S = 20;

const RETRY_MS = 20;

/** Asked until it is taken: a door that is crowded says so. */
export const submit = async ({ address, tokens }: ChatInstance, action: string): Promise<RequestView> => {
  for (;;) {
    const response = await fetch(`${address}/v1/requests`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tokens.requester}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        action: { name: action },
        resource: { type: 'Dataset', id: 'customers' },
        context: { justification: 'Quarterly report', rows: 500 },
      }),
    });
    const json: unknown = await response.json();
    if (response.ok) return requestView.parse(json);
    if (response.status !== 503 && response.status !== 429) throw new Error(JSON.stringify(json));
    await delay(RETRY_MS);
  }
};

export const held = async ({ address, tokens }: ChatInstance, asked: RequestView): Promise<RequestView> => {
  if (asked.status === 'pending') return asked;
  const { id, version } = asked;
  const response = await fetch(`${address}/v1/requests/${id}?wait=${WAIT_S}&after=${version}`, {
    headers: { authorization: `Bearer ${tokens.requester}` },
  });
  const view = requestView.parse(await response.json());
  if (view.status !== 'pending') throw new Error(`${id} is ${view.status}, and not held.`);
  return view;
};

/** So many at once, until all are done. */
export const inTurns = async (
  times: number,
  atOnce: number,
  work: (nth: number) => Promise<void>,
): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};
