import type { RequestView } from '@countersign/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Terminal } from '../terminal.ts';
import { Progress } from './progress.ts';

const view = (status: RequestView['status'], version: number): RequestView => ({
  id: '6f1c2a52-7c1e-4f0b-8d0a-0f6f0f6f0f6f',
  version,
  status,
  digest: 'd'.repeat(43),
  subject: { type: 'Agent', id: 'etl-bot', properties: {} },
  action: { name: 'data.export', properties: {} },
  resource: { type: 'Dataset', id: 'customers', properties: {} },
  context: { justification: 'report' },
  requestedAt: '2026-11-20T10:00:00.000Z',
  enforcement: 'advisory',
});

describe('progress', () => {
  let written: string[];
  const terminal = (errIsTty: boolean): Terminal => ({
    out: () => expect.unreachable('stdout is the command’s'),
    err: (text) => void written.push(text),
    errIsTty,
  });
  beforeEach(() => {
    written = [];
    vi.useFakeTimers();
  });
  afterEach(() => void vi.useRealTimers());

  it('keeps one line up to date on a terminal, and gives it back', () => {
    const progress = new Progress(terminal(true), false);
    progress.show(view('pending', 2));
    vi.advanceTimersByTime(61_000);
    progress.close();
    expect(written).toHaveLength(63);
    expect(written[61]).toMatch(/^\r.*is pending \(1:01\)$/);
    expect(written.at(-1)).toBe('\r\u001B[2K');
    vi.advanceTimersByTime(5_000);
    expect(written).toHaveLength(63);
  });

  it('says each change once elsewhere', () => {
    const progress = new Progress(terminal(false), false);
    for (const seen of [view('received', 1), view('received', 1), view('approved', 3)]) progress.show(seen);
    progress.close();
    expect(written.map((line) => line.split(' is ')[1])).toEqual(['received\n', 'approved\n']);
  });

  it('says JSON lines to programs', () => {
    new Progress(terminal(true), true).show(view('pending', 2));
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ status: 'pending', version: 2 });
  });
});
