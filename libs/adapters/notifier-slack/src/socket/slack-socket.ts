import { setTimeout as wait } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import { clientOptions, type Workspace } from '../api/workspace.ts';
import { QUIET } from '../api/quiet-logger.ts';
import type { Interactions } from '../interact/interactions.ts';
import { interaction } from '../interact/payload-schemas.ts';
import type { SlackLog } from '../slack-log.ts';
import { withUntilAborted } from './until-aborted.ts';

export interface SlackSocketDependencies {
  readonly appToken: string;
  /** The workspaces that this app is installed in. */
  readonly vouched: readonly Workspace[];
  readonly interactions: Pick<Interactions, 'handle'>;
  readonly log: SlackLog;
  readonly apiUrl: string | undefined;
}

/** As Slack's client sends it. */
interface Envelope {
  readonly body: unknown;
  readonly ack: (response?: Record<string, unknown>) => Promise<void>;
}

const OPEN_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;
/** Slack's client waits half a minute for the other end to say goodbye. */
const GOODBYE_MS = 1_000;

/**
 * Clicks through Socket Mode. Coming back is ours: Slack's client waits five seconds for each new socket, and
 * where it can't get one it ends in a rejection that nobody can catch.
 */
export class SlackSocket {
  readonly #with: SlackSocketDependencies;
  readonly #stopping = new AbortController();
  readonly #inHand = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #isOpen = false;

  constructor(dependencies: SlackSocketDependencies) {
    this.#with = dependencies;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Receives nothing more; what was received is acknowledged first. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#inHand);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let failures = 0; !signal.aborted;) {
      failures = (await this.#connection()) ? 0 : failures + 1;
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS) * Math.random();
      await wait(failures === 0 ? 0 : pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One socket, from its opening to its end; whether it was open at all. */
  #connection(): Promise<boolean> {
    return withUntilAborted(this.#stopping.signal, async (stopped) => {
      const client = this.#client();
      const over = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
      const opening = client.start();
      try {
        await Promise.race([opening, stopped]);
        this.#isOpen = !this.#stopping.signal.aborted;
        await Promise.race([over, stopped]);
        return true;
      } catch (error) {
        this.#with.log.warn('No socket to Slack could be opened; it is tried again.', { error });
        return false;
      } finally {
        this.#isOpen = false;
        if (this.#stopping.signal.aborted) await this.#close(client, opening);
      }
    });
  }

  /** A socket that is still being opened would stand, and take clicks, once nobody is here any more. */
  async #close(client: SocketModeClient, opening: Promise<unknown>): Promise<void> {
    await Promise.all(this.#inHand);
    const closed = opening.then(
      () => client.disconnect(),
      () => undefined,
    );
    await Promise.race([closed, wait(GOODBYE_MS)]);
  }

  #client(): SocketModeClient {
    const { appToken, apiUrl } = this.#with;
    const client = new SocketModeClient({
      appToken,
      autoReconnectEnabled: false,
      logger: QUIET,
      clientOptions: clientOptions(apiUrl, OPEN_TIMEOUT_MS),
    });
    client.on('interactive', (envelope: Envelope) => {
      const handling = this.#handle(envelope).finally(() => this.#inHand.delete(handling));
      this.#inHand.add(handling);
    });
    return client;
  }

  /** Acknowledged once it is handled; unacknowledged, Slack tells who clicked that it failed. */
  async #handle({ body, ack }: Envelope): Promise<void> {
    const { vouched, interactions, log } = this.#with;
    try {
      const payload = interaction.safeParse(body).data;
      const reply = payload && (await interactions.handle(payload, vouched));
      if (reply?.status !== 200) {
        log.warn('Slack sent what no card of ours can send.', { status: reply?.status ?? 400 });
        return;
      }
      await ack(reply.body === undefined ? undefined : (JSON.parse(reply.body) as Record<string, unknown>));
    } catch (error) {
      log.error('What Slack sent could not be handled.', { error });
    }
  }
}
