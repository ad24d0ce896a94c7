import { describe, expect, it, onTestFinished } from 'vitest';
import { ManagedProcess, type ManagedSettings } from './managed-process.ts';

const IDLE = 'process.send?.("up"); setInterval(() => undefined, 1000)';
const PATH = '/usr/bin:/bin';

const manage = (script: string, changes: Partial<ManagedSettings> = {}) => {
  const told: string[] = [];
  const managed = new ManagedProcess({
    name: 'sample-0',
    address: 'http://127.0.0.1:1',
    program: { program: process.execPath, args: ['-e', script], env: { PATH } },
    isReady: async () => managed.isRunning,
    supervise: false,
    tell: (what) => told.push(what),
    ...changes,
  });
  onTestFinished(async () => void (await managed.stop()));
  managed.start();
  return { managed, told };
};

describe('a process of the stack', () => {
  it('is the program itself, so that a signal hits nothing else', async () => {
    const { managed } = manage(
      'process.stdout.write(`pid ${process.pid}\\n`); setInterval(() => undefined, 1000)',
    );
    await expect.poll(() => managed.output, { timeout: 10_000 }).toContain(`pid ${managed.pid}`);
    expect(await managed.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    expect(managed.isRunning).toBe(false);
  });

  it('starts again when it is told to, and not by itself', async () => {
    const { managed, told } = manage(IDLE);
    const { pid } = managed;
    await managed.kill();
    expect(told).toEqual([]);
    managed.start();
    expect(managed.isRunning).toBe(true);
    expect(managed.pid).not.toBe(pid);
  });

  it('comes back where it is supervised, until it is stopped', async () => {
    const { managed, told } = manage(IDLE, { supervise: true });
    await managed.whenReady();
    const { pid } = managed;
    await managed.kill();
    await expect.poll(() => managed.isRunning && managed.pid !== pid, { timeout: 10_000 }).toBe(true);
    expect(told).toHaveLength(1);
    await managed.stop();
    expect(managed.isRunning).toBe(false);
  });

  it('that ends before it is ready says what it said', async () => {
    const { managed } = manage('console.error("no port"); process.exit(78)', {
      isReady: async () => false,
      supervise: true,
    });
    await expect(managed.whenReady()).rejects.toThrow(/sample-0 ended before it was ready:[^]*no port/);
  });

  it('obeys an order before the order resolves', async () => {
    const obey = 'process.on("message", ({ say }) => { process.stdout.write(say); process.send("done"); })';
    const { managed } = manage(obey, {
      program: { program: process.execPath, args: ['-e', obey], env: { PATH }, takesOrders: true },
    });
    await managed.order({ say: 'obeyed' });
    await expect.poll(() => managed.output, { timeout: 10_000 }).toContain('obeyed');
  });

  it('is given nothing of our environment', async () => {
    const { managed } = manage('process.stdout.write(Object.keys(process.env).sort().join(","))');
    await managed.ended;
    expect(managed.output.trim().split(',')).toEqual(expect.arrayContaining(['PATH']));
    expect(managed.output).not.toContain('HOME');
  });
});
