import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER, type LogFields, type Logger } from '../telemetry/logger.ts';
import { Lifecycle, type LifecycleParticipant } from './lifecycle.ts';

const told: string[] = [];
const tell = (line: string) => (): void => void told.push(line);

const participant = (name: string, more: Partial<LifecycleParticipant> = {}): LifecycleParticipant => ({
  name,
  start: tell(`start ${name}`),
  stop: tell(`stop ${name}`),
  ...more,
});

const lifecycleOf = (...participants: LifecycleParticipant[]): Lifecycle => {
  told.splice(0);
  const lifecycle = new Lifecycle(SILENT_LOGGER);
  for (const each of participants) lifecycle.add(each);
  return lifecycle;
};

describe('a life cycle', () => {
  it('starts in order and stops in reverse', async () => {
    const lifecycle = lifecycleOf(participant('a'), participant('b'));
    expect(lifecycle.state).toBe('starting');
    await lifecycle.start();
    expect(lifecycle.state).toBe('running');
    expect(await lifecycle.stop(1_000)).toBe(true);
    expect(lifecycle.state).toBe('stopped');
    expect(told).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops once, however often it is asked', async () => {
    const lifecycle = lifecycleOf(participant('a'));
    await lifecycle.start();
    expect(await Promise.all([lifecycle.stop(1_000), lifecycle.stop(1_000)])).toEqual([true, true]);
    expect(told).toEqual(['start a', 'stop a']);
  });

  it('starts nothing more where a part fails to start, and stops what did', async () => {
    const failure = new Error('no');
    const failing = participant('b', { start: () => Promise.reject(failure) });
    const lifecycle = lifecycleOf(participant('a'), failing, participant('c'));
    await expect(lifecycle.start()).rejects.toBe(failure);
    lifecycle.fail(failure);
    expect(await lifecycle.stop(1_000)).toBe(false);
    expect(lifecycle.state).toBe('failed');
    expect(told).toEqual(['start a', 'stop c', 'stop b', 'stop a']);
  });

  it('stops the rest where one part does not stop cleanly, and says so', async () => {
    const lifecycle = lifecycleOf(
      participant('a'),
      participant('b', { stop: () => Promise.reject(new Error('no')) }),
    );
    await lifecycle.start();
    expect(await lifecycle.stop(1_000)).toBe(false);
    expect(told).toEqual(['start a', 'start b', 'stop a']);
  });

  it('fails where its deadline passes', async () => {
    const lifecycle = lifecycleOf(participant('a', { stop: () => new Promise<void>(() => undefined) }));
    await lifecycle.start();
    expect(await lifecycle.stop(5)).toBe(false);
    expect(lifecycle.state).toBe('failed');
  });

  it('aborts its draining signal when it begins to stop', async () => {
    const lifecycle = lifecycleOf();
    await lifecycle.start();
    expect(lifecycle.draining.aborted).toBe(false);
    void lifecycle.stop(1_000);
    expect(lifecycle.draining.aborted).toBe(true);
  });

  it('is unready and stops nothing until those who route to it had time to notice', async () => {
    const lifecycle = lifecycleOf(participant('a'));
    await lifecycle.start();
    const stopped = lifecycle.stop(10_000, 20);
    expect(await lifecycle.unready()).toEqual({ process: 'The process is draining.' });
    expect(told).toEqual(['start a']);
    expect(await stopped).toBe(true);
    expect(told).toEqual(['start a', 'stop a']);
  });

  it('waits for nobody to notice where it never served', async () => {
    const lifecycle = lifecycleOf(participant('a'));
    expect(await lifecycle.stop(10_000, 10_000)).toBe(true);
  });

  it('takes no part once it has started', async () => {
    const lifecycle = lifecycleOf();
    await lifecycle.start();
    expect(() => lifecycle.add(participant('late'))).toThrow(
      expect.objectContaining({ code: 'lifecycle_misused' }),
    );
  });

  it('names what is not ready, and why', async () => {
    const broken = participant('broken', { ready: () => Promise.reject(new Error('It broke.')) });
    const lifecycle = lifecycleOf(participant('a'), participant('b', { ready: () => 'Not yet.' }), broken);
    expect(await lifecycle.unready()).toEqual({
      process: 'The process is starting.',
      b: 'Not yet.',
      broken: 'It broke.',
    });
    await lifecycle.start();
    expect(await lifecycle.unready()).toEqual({ b: 'Not yet.', broken: 'It broke.' });
  });

  it('logs each state', async () => {
    const states: unknown[] = [];
    const log: Logger = {
      ...SILENT_LOGGER,
      info: (_: string, fields?: LogFields) => void states.push(fields?.['state']),
    };
    const lifecycle = new Lifecycle(log);
    await lifecycle.start();
    await lifecycle.stop(1_000);
    expect(states).toEqual(['running', 'draining', 'stopped']);
  });
});
