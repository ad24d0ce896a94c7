import { ms, rate, table, times } from '../tables.ts';
import type { Burst } from './burst.ts';
import type { ClicksToAck } from './clicks.ts';
import type { HeldToCard } from './held-to-card.ts';

export interface ChatFigures {
  readonly card?: HeldToCard;
  readonly clicks?: ClicksToAck;
  readonly burst?: Burst;
}

const cardTable = ({ floorMs, cardMs }: HeldToCard): string =>
  table(
    ['', 'samples', 'floor p50', 'p50', 'ratio', 'floor p99', 'p99', 'ratio'],
    [
      [
        'held → card',
        rate(cardMs.count),
        ms(floorMs.p50),
        ms(cardMs.p50),
        times(cardMs.p50, floorMs.p50),
        ms(floorMs.p99),
        ms(cardMs.p99),
        times(cardMs.p99, floorMs.p99),
      ],
    ],
  );

const clickTable = ({ first, later }: ClicksToAck): string =>
  table(
    ['', 'clicks', 'p50', 'p99', 'first ones', 'p50', 'p99'],
    [
      [
        'click → ack',
        rate(later.count),
        ms(later.p50),
        ms(later.p99),
        rate(first.count),
        ms(first.p50),
        ms(first.p99),
      ],
    ],
  );

const megabytes = (value: number): string => `${value.toFixed(0)} MB`;
const seconds = (value: number): string => `${value.toFixed(1)} s`;

const burstTable = (burst: Burst): string =>
  table(
    [
      'burst',
      'all held',
      'memory before',
      'at most',
      'high risk seen after',
      'messages /s',
      'shown',
      'waiting',
    ],
    [
      [
        rate(burst.requests),
        seconds(burst.heldS),
        megabytes(burst.memoryBeforeMb),
        megabytes(burst.memoryPeakMb),
        burst.highRiskS.map(seconds).join(', '),
        burst.messagesPerSecond.toFixed(2),
        rate(burst.shown),
        rate(burst.waiting),
      ],
    ],
  );

export const chatTables = ({ card, clicks, burst }: ChatFigures): readonly string[] => [
  ...(card === undefined ? [] : [cardTable(card)]),
  ...(clicks === undefined ? [] : [clickTable(clicks)]),
  ...(burst === undefined ? [] : [burstTable(burst)]),
];
