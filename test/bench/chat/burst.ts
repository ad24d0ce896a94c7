import { setTimeout as delay } from 'node:timers/promises';
import { memoryByPart, sumOfParts } from '../process-usage.ts';
import { LOW_RISK, type ChatInstance } from './chat-instance.ts';
import { held, inTurns, submit } from './requests.ts';
import type { SlackSink } from './slack-sink.ts';

export interface Burst {
  readonly requests: number;
  /** Until all of them were held. */
  readonly heldS: number;
  readonly memoryBeforeMb: number;
  readonly memoryPeakMb: number;
  /** From the request to its card, of those of high risk: asked before the burst's last request, and after it. */
  readonly highRiskS: readonly number[];
  readonly messagesPerSecond: number;
  /** When it was last looked: in a message, and not yet in one. */
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
  const startedMs = performance.now();
  const ids: string[] = [];
  const highRisk: Promise<number>[] = [];
  await inTurns(requests, 32, async (nth) => {
    ids.push((await submit(instance, LOW_RISK)).id);
    if (nth === requests - 100) highRisk.push(highRiskS(instance, sink));
  });
  highRisk.push(highRiskS(instance, sink));
  await held(instance, await submit(instance, LOW_RISK, '?wait=20'));
  const heldS = (performance.now() - startedMs) / 1_000;
  const from = sink.posts.length;
  await delay(watchMs);
  const messagesPerSecond = (sink.posts.length - from) / (watchMs / 1_000);
  clearInterval(sampling);
  const shown = shownOf(instance, new Set(ids));
  return {
    requests,
    heldS,
    memoryBeforeMb,
    memoryPeakMb,
    highRiskS: await Promise.all(highRisk),
    messagesPerSecond,
    shown,
    waiting: await waitingNow(instance),
  };
};

const highRiskS = async (instance: ChatInstance, sink: SlackSink): Promise<number> => {
  const startedMs = performance.now();
  await sink.postWith((await submit(instance, 'data.export')).id);
  return (performance.now() - startedMs) / 1_000;
};

const shownOf = ({ log }: ChatInstance, ids: ReadonlySet<string>): number =>
  new Set(
    log
      .events()
      .filter(({ type }) => type === 'NotificationPosted')
      .map(({ data }) => data['requestId'])
      .filter((id) => typeof id === 'string' && ids.has(id)),
  ).size;

const waitingNow = async ({ address }: ChatInstance): Promise<number> => {
  const text = await (await fetch(`${address}/metrics`)).text();
  const found = /^countersign_notification_waiting\w*\{[^}]*kind="slack"[^}]*\} (\d+)/m.exec(text);
  return Number(found?.[1]);
};
