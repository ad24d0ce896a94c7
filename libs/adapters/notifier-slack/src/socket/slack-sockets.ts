import type { Workspace } from '../api/workspace.ts';
import type { Interactions } from '../interact/interactions.ts';
import type { SlackLog } from '../slack-log.ts';
import { SlackSocket } from './slack-socket.ts';

export interface SlackSocketsDependencies {
  readonly workspaces: readonly Workspace[];
  readonly interactions: Pick<Interactions, 'handle'>;
  readonly log: SlackLog;
  readonly apiUrl: string | undefined;
}

/** A socket for each app that has Socket Mode; workspaces of one app share it. */
export class SlackSockets {
  readonly #sockets: readonly SlackSocket[];

  constructor({ workspaces, interactions, log, apiUrl }: SlackSocketsDependencies) {
    const byToken = Map.groupBy(workspaces, ({ appToken }) => appToken);
    this.#sockets = [...byToken].flatMap(([appToken, vouched]) =>
      appToken === undefined ? [] : [new SlackSocket({ appToken, vouched, interactions, log, apiUrl })],
    );
  }

  async start(): Promise<void> {
    for (const socket of this.#sockets) socket.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.stop()));
  }

  ready(): string | undefined {
    return this.#sockets.every((socket) => socket.isOpen)
      ? undefined
      : "The socket to Slack isn't open, so no clicks come from there.";
  }
}
