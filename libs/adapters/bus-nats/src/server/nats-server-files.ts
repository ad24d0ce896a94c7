import { chmod, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '@countersign/kernel';
import { quoted } from './config-syntax.ts';
import { renderNatsServerConfig } from './nats-server-config.ts';

const CONFIG = 'nats-server.conf';
const STORE = 'jetstream';

/** What a nats-server of ours has on disk, all in one private folder. */
export class NatsServerFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get config(): string {
    return join(this.#folder, CONFIG);
  }

  /** Makes the folder private and writes the configuration; what an earlier start left goes first. */
  async prepare(
    port: number,
    passwords: { readonly internal: string; readonly requester: string },
  ): Promise<void> {
    await mkdir(join(this.#folder, STORE), { recursive: true, mode: 0o700 });
    await chmod(this.#folder, 0o700);
    await this.forget();
    const text = renderNatsServerConfig({
      listen: `127.0.0.1:${port}`,
      store: join(this.#folder, STORE),
      portsFolder: this.#folder,
      passwords: { internal: quoted(passwords.internal), requester: quoted(passwords.requester) },
    });
    await writeFile(this.config, text, { mode: 0o600, flag: 'wx' });
  }

  /** The port the server took; undefined while it isn't ready. */
  async port(): Promise<number | undefined> {
    const [name] = await this.#portsFiles();
    if (name === undefined) return undefined;
    return parsePort(await readFile(join(this.#folder, name), 'utf8'));
  }

  /** Removes the passwords and the notes from disk; a running server needs them no more. */
  async forget(): Promise<void> {
    const names = [CONFIG, ...(await this.#portsFiles())];
    await Promise.all(names.map((name) => rm(join(this.#folder, name), { force: true })));
  }

  async #portsFiles(): Promise<string[]> {
    return (await readdir(this.#folder)).filter((name) => name.endsWith('.ports'));
  }
}

/** `{"nats": ["nats://127.0.0.1:41234"]}`; undefined while it is only half written. */
const parsePort = (text: string): number | undefined => {
  try {
    const ports: unknown = JSON.parse(text);
    const urls: unknown = isJsonObject(ports) ? ports['nats'] : undefined;
    const url: unknown = Array.isArray(urls) ? urls[0] : undefined;
    return typeof url === 'string' ? Number(new URL(url).port) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};
