import { setTimeout as delay } from 'node:timers/promises';
import { streamName, type RecordedEvent } from '@countersign/event-store';
import { auditRequestsPage } from '@countersign/contracts';
import { z } from 'zod';
import type { Callers } from '../harness/journey.ts';
import type { LogFile } from '../../e2e/harness/log-file.ts';

const POLL_MS = 100;
const PATIENCE_MS = 60_000;
const PAGE = 500;
const shown = z.object({ status: z.string() });

/** Asks again and again until the answer is what it should be. */
const until = async (wanted: string, what: string, ask: () => Promise<string>): Promise<void> => {
  const startedMs = performance.now();
  for (let answer = await ask(); answer !== wanted; answer = await ask()) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`${what} is ${answer}, not ${wanted}.`);
    await delay(POLL_MS);
  }
};

/** Every request as the audit service lists it, from its own view. */
const listed = async ({ person }: Callers): Promise<ReadonlyMap<string, string>> => {
  const statuses = new Map<string, string>();
  for (let cursor = ''; ;) {
    const { json } = await person.dave.get(`/v1/audit/requests?limit=${PAGE}${cursor}`);
    const { requests, nextCursor } = auditRequestsPage.parse(json);
    for (const { id, status } of requests) statuses.set(id, status);
    if (nextCursor === undefined) return statuses;
    cursor = `&cursor=${encodeURIComponent(nextCursor)}`;
  }
};

/** The auditor is shown how each of them ended. */
export const untilAudited = async (callers: Callers, ended: ReadonlyMap<string, string>): Promise<void> =>
  until('all as they ended', 'The list of the auditor', async () => {
    const statuses = await listed(callers);
    const wrong = [...ended].filter(([id, status]) => statuses.get(id) !== status);
    return wrong.length === 0
      ? 'all as they ended'
      : wrong.map(([id, status]) => `${id} ${statuses.get(id)} for ${status}`).join(', ');
  });

/** What the card of a request says that has ended; one that ended before anybody was shown a card has none. */
const cardStatus = (log: LogFile, id: string, ended: string): string => {
  const attempts = log.stream(streamName('delivery', id));
  const last = attempts.at(-1);
  if (last === undefined) return ended;
  const claims = attempts.filter(({ type }) => type === 'NotificationAttempted');
  return SHOWN.has(last.type) ? statusIn(claims.at(-1)) : `still ${last.type}`;
};

const SHOWN = new Set(['NotificationPosted', 'NotificationUpdated']);
const statusIn = (event: RecordedEvent | undefined): string =>
  shown.safeParse(event?.data).data?.status ?? '?';

/** The card says that it ended so. */
export const untilShown = (log: LogFile, id: string, status: string): Promise<void> =>
  until(status, `The card of ${id}`, () => Promise.resolve(cardStatus(log, id, status)));
