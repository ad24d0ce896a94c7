import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { root } from './workspace.mjs';

const children = new Set();
let stoppedBy;

// Who stops a script stops what it started: nothing may go on installing or testing behind its back. A signal
// is passed on once: a terminal signals the whole group, and npm passes on what it gets.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (stoppedBy) return;
    stoppedBy = signal;
    if (children.size === 0) process.exit(exitCode(null, signal));
    for (const child of children) child.kill(signal);
  });
}

const exitCode = (code, signal) => code ?? 128 + (constants.signals[signal] ?? 0);

/** Answers the exit code when it ends: 127 when it can't be started, 128 + the signal's number after a signal. */
function start(command, args, { env = {}, cwd = root, stdio }, onOutput) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio, env: { ...process.env, ...env } });
    children.add(child);
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', onOutput);
    child.once('error', (error) => {
      children.delete(child);
      onOutput(`${command}: ${error.message}\n`);
      resolve(127);
    });
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve(exitCode(code, signal));
    });
  });
}

/**
 * Runs a program to its end and never rejects. Once this process has been told to stop, it ends here instead.
 * @returns {Promise<{code: number, output: string}>} output is what it wrote; empty with `inherit`
 */
export async function run(command, args, { inherit = false, ...options } = {}) {
  let output = '';
  const stdio = inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'];
  const code = await start(command, args, { ...options, stdio }, (text) => (output += text));
  if (stoppedBy) process.exit(exitCode(null, stoppedBy));
  return { code, output };
}

/**
 * Runs a long-lived program in the foreground and answers its exit code. It is told of signals, and of this
 * process being killed outright by the closing of its IPC channel ('disconnect').
 */
export const runForeground = (command, args, options) =>
  start(command, args, { ...options, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] }, (text) =>
    process.stderr.write(text),
  );

/** As `run`, for a command without which there is no going on. */
export async function must(command, args, options) {
  const { code, output } = await run(command, args, options);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} failed (exit ${code}):\n${output.trim()}`);
}
