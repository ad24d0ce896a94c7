import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FaultReport } from '../harness/report.ts';
import { Seed } from '../harness/seed.ts';
import { FaultyFlow, NO_FAULTS, type Disturbance, type MessageFaultRates } from './faulty-flow.ts';

const message = (text: string) => ({ verb: 'PUB', natsSubject: 'a', bytes: Buffer.from(text) });
const ping = { verb: 'PING', natsSubject: undefined, bytes: Buffer.from('ping') };

const flowWith = (faults: Partial<MessageFaultRates>) => {
  const sent: string[] = [];
  const report = new FaultReport();
  let disturbance: Disturbance | undefined = {
    rates: { ...NO_FAULTS, ...faults },
    seed: new Seed(1),
    report,
  };
  const flow = new FaultyFlow({
    name: '1 up',
    disturbance: () => disturbance,
    send: (bytes) => void sent.push(bytes.toString()),
    cut: () => void sent.push('cut'),
  });
  return { flow, sent, report, heal: () => (disturbance = undefined) };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a faulty flow', () => {
  it.each([
    ['drop', []],
    ['double', ['one', 'one']],
    ['cut', ['cut']],
    ['delay', []],
    ['reorder', []],
  ] as const)('lets a message meet its fate at once: %s', (fault, expected) => {
    const { flow, sent, report } = flowWith({ [fault]: 1 });
    flow.pass(message('one'));
    expect(sent).toEqual(expected);
    expect(report.count(`nats ${fault}`)).toBe(fault === 'cut' ? 0 : 1);
  });

  it.each(['drop', 'double', 'delay', 'reorder', 'cut'] as const)(
    'passes what is no message, whatever the rates: %s',
    (fault) => {
      const { flow, sent, report } = flowWith({ [fault]: 1 });
      flow.pass(ping);
      expect([sent, report.total]).toEqual([['ping'], 0]);
    },
  );

  it('lets a message that is reordered arrive once, after the next one', () => {
    const { flow, sent, heal } = flowWith({ reorder: 1 });
    flow.pass(message('one'));
    heal();
    flow.pass(message('two'));
    vi.runAllTimers();
    expect(sent).toEqual(['two', 'one']);
  });

  it('lets a message that is delayed, or that none follows, arrive in the end', () => {
    for (const fault of ['delay', 'reorder']) {
      const { flow, sent } = flowWith({ [fault]: 1 });
      flow.pass(message('one'));
      vi.runAllTimers();
      expect(sent).toEqual(['one']);
    }
  });

  it('sends nothing more once it has ended', () => {
    const { flow, sent } = flowWith({ delay: 1 });
    flow.pass(message('one'));
    flow.end();
    vi.runAllTimers();
    expect(sent).toEqual([]);
  });

  it('draws the same fates from the same seed', () => {
    const run = (): string[] => {
      const { flow, sent } = flowWith({ drop: 0.3, double: 0.3 });
      for (let at = 0; at < 50; at += 1) flow.pass(message(String(at)));
      return sent;
    };
    expect(run()).toEqual(run());
  });
});
