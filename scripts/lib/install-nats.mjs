// The ways to get a NATS server without asking the user anything, in the order they are tried. Each answers the
// path of a program that takes nats-server's arguments, or undefined where that way doesn't exist here.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { progress } from './progress.mjs';
import { run } from './run.mjs';
import { root } from './workspace.mjs';
import { which } from './which.mjs';

const image = 'nats:2.14-alpine';

const head = ([command, ...args]) => [command, args];

async function must(command, args) {
  const { code, output } = await run(command, args);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} failed (exit ${code}):\n${output.trim()}`);
}

/** What to put before a command that needs root, or undefined where that would mean asking. */
async function asRoot() {
  if (process.getuid?.() === 0) return [];
  const allowed = which('sudo') && (await run('sudo', ['-n', 'true'])).code === 0;
  return allowed ? ['sudo', '-n'] : undefined;
}

/**
 * Debian's package starts a server on port 4222 at once and at every boot, where systemd runs. Countersign wants
 * the program alone, so the unit is masked while the package is installed and disabled after it.
 */
async function withoutDaemon(sudo, install) {
  if (!existsSync('/run/systemd/system')) {
    await install();
    return;
  }
  const systemctl = (...args) => run(...head([...sudo, 'systemctl', ...args, 'nats-server.service']));
  await systemctl('mask', '--runtime');
  try {
    await install();
  } finally {
    await systemctl('disable');
    await systemctl('unmask', '--runtime');
  }
}

async function byApt() {
  const sudo = which('apt-get') ? await asRoot() : undefined;
  if (!sudo) return undefined;
  const apt = (...args) => head([...sudo, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', ...args]);
  const install = apt('install', '-y', '--no-install-recommends', 'nats-server');
  await progress("installing the system package 'nats-server' (apt-get install nats-server)", () =>
    withoutDaemon(sudo, async () => {
      if ((await run(...install)).code === 0) return;
      await must(...apt('update'));
      await must(...install);
    }),
  );
  return which('nats-server');
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
