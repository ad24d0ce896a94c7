// The ways to get a NATS server without asking the user anything, in the order they are tried. Each answers the
// path of a program that takes nats-server's arguments, or undefined where that way doesn't exist here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installByApt } from './apt.mjs';
import { progress } from './progress.mjs';
import { must, run } from './run.mjs';
import { root } from './workspace.mjs';
import { which } from './which.mjs';

const image = 'nats:2.14-alpine';

/**
 * Debian's package starts a server on port 4222 at once and at every boot, where systemd runs. Countersign wants
 * the program alone, so the unit is masked while the package is installed and disabled after it.
 */
async function withoutDaemon(sudo, install) {
  if (!existsSync('/run/systemd/system')) {
    await install();
    return;
  }
  const systemctl = (...args) => {
    const [command, ...rest] = [...sudo, 'systemctl', ...args, 'nats-server.service'];
    return run(command, rest);
  };
  await systemctl('mask', '--runtime');
  try {
    await install();
  } finally {
    await systemctl('disable');
    await systemctl('unmask', '--runtime');
  }
}

async function byApt() {
  return (await installByApt('nats-server', { around: withoutDaemon })) ? which('nats-server') : undefined;
}

async function byBrew() {
  if (!which('brew')) return undefined;
  await progress("installing the Homebrew package 'nats-server'", () =>
    must('brew', ['install', 'nats-server']),
  );
  return which('nats-server');
}

async function byDocker() {
  if (!which('docker') || (await run('docker', ['version', '--format', '{{.Server.Version}}'])).code !== 0)
    return undefined;
  if ((await run('docker', ['image', 'inspect', image])).code !== 0) {
    await progress(`fetching the Docker image ${image}`, () => must('docker', ['pull', image]));
  }
  return join(root, 'scripts', 'nats-server-in-docker.sh');
}

/** Tries each way; a way that fails doesn't keep the next from being tried. */
export async function installNats() {
  const failures = [];
  for (const way of [byApt, byBrew, byDocker]) {
    try {
      const path = await way();
      if (path) return path;
    } catch (error) {
      failures.push(error.message);
    }
  }
  const wanted =
    'Countersign needs a NATS server: install nats-server (2.9 or newer) and put it on PATH, or set NATS_URL.';
  throw new Error([wanted, ...failures].join('\n'));
}
