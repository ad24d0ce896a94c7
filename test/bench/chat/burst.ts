import { setTimeout as delay } from 'node:timers/promises';
import { memoryByPart, sumOfParts } from '../process-usage.ts';
import type { RequestView } from '@countersign/contracts';
import { LOW_RISK, type ChatInstance } from './chat-instance.ts';
import { held, inTurns, submit } from './requests.ts';
import type { SlackSink } from './slack-sink.ts';

export interface Burst {
  readonly requests: number;
  /** Until all of them were held, and each was seen to be. */
  readonly heldS: number;
  readonly memoryBeforeMb: number;
  readonly memoryPeakMb: number;
  /** From the request to its card, of those of high risk: asked before the burst's last request, and after it. */
  readonly highRiskS: readonly number[];
  readonly messagesPerSecond: number;
  /** When it was last looked, with those of high risk: in a message, and not yet in one. */
  readonly shown: number;
  readonly waiting: number;
}

interface Shown {
  readonly shown: number;
  readonly waiting: number;
}

const SAMPLE_MS = 250;

/** Requests for one channel that takes a message a second. */
export const burst = async (
  { burst: requests, watchMs }: { readonly burst: number; readonly watchMs: number },
  instance: ChatInstance,
  sink: SlackSink,
): Promise<Burst> => {
  const memory = (): number => sumOfParts(memoryByPart([{ name: 'all-in-one', pid: instance.pid }]));
  const memoryBeforeMb = memory();
  let memoryPeakMb = memoryBeforeMb;
  const sampling = setInterval(() => (memoryPeakMb = Math.max(memoryPeakMb, memory())), SAMPLE_MS);
  const shownBefore = shownOf(instance);
  const startedMs = performance.now();
  const asked: RequestView[] = [];
  const highRisk: Promise<number>[] = [];
  await inTurns(requests, 32, async (nth) => {
    asked.push(await submit(instance, LOW_RISK));
    if (nth === requests - 100) highRisk.push(highRiskS(instance, sink));
  });
  highRisk.push(highRiskS(instance, sink));
  await inTurns(requests, 32, async (nth) => {
    const request = asked[nth];
    if (request !== undefined) await held(instance, request);
  });
  const heldS = (performance.now() - startedMs) / 1_000;
  const from = sink.posts.length;
  await delay(watchMs);
  const messagesPerSecond = (sink.posts.length - from) / (watchMs / 1_000);
  clearInterval(sampling);
  return {
    requests,
    heldS,
    memoryBeforeMb,
    memoryPeakMb,
    highRiskS: await Promise.all(highRisk),
    messagesPerSecond,
    ...(await allThere(instance, shownBefore, requests + highRisk.length)),
  };
};

const highRiskS = async (instance: ChatInstance, sink: SlackSink): Promise<number> => {
  const startedMs = performance.now();
  await sink.postWith((await submit(instance, 'data.export')).id);
  return (performance.now() - startedMs) / 1_000;
};

/** None is lost: each request is in a message, or known to wait for one. */
const allThere = async (instance: ChatInstance, before: number, requests: number): Promise<Shown> => {
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const waiting = await waitingNow(instance);
    const shown = shownOf(instance) - before;
    // A message may come between the two.
    if (shown + waiting === requests) return { shown, waiting };
    await delay(SAMPLE_MS);
  }
  throw new Error(`Of ${requests} requests some are neither shown nor waiting.`);
};

const MOST_LOOKS = 20;

/** Requests whose card was posted, ever. */
const shownOf = ({ log }: ChatInstance): number =>
  new Set(
    log
      .events()
      .filter(({ type }) => type === 'NotificationPosted')
      .map(({ data }) => data['requestId']),
  ).size;

const waitingNow = async ({ address }: ChatInstance): Promise<number> => {
  const text = await (await fetch(`${address}/metrics`)).text();
  const found = /^countersign_notification_waiting\w*\{[^}]*kind="slack"[^}]*\} (\d+)/m.exec(text);
  return Number(found?.[1]);
};
