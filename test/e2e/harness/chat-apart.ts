import type { RequestView } from '@countersign/contracts';
import type { ManagedProcess } from '@countersign/dev-stack';
import { streamName } from '@countersign/event-store';
import { doomed } from '../../faults/kills/doomed.ts';
import { StackUnderLoad } from '../../faults/load/stack-under-load.ts';
import type { Order } from '../roots/orders.ts';
import { addPolicy } from './add-policy.ts';
import { Api } from './api.ts';
import { Chat, PROD, type ChatOptions } from './chat.ts';
import { actionOf, awaitStatus, ETL_BOT, smallExport, submit, type ActionParts } from './life-cycle.ts';
import type { LogFile } from './log-file.ts';

/** Decided by one data owner, who is told in Slack and nowhere else. */
export const inSlackAlone = (): ActionParts => actionOf('data.whispered', 'Dataset', 'customers');

/**
 * The five services apart with a Slack and a Teams of ours, and two of the one that talks to them. Each takes
 * orders to die.
 */
export class ChatApart {
  readonly chat: Chat;
  readonly under: StackUnderLoad;

  private constructor(chat: Chat, under: StackUnderLoad) {
    this.chat = chat;
    this.under = under;
    this.clicksGoTo(this.address);
  }

  static async start(options: ChatOptions = {}): Promise<ChatApart> {
    const chat = await Chat.start(options);
    const editPolicies = (folder: string): void => {
      addPolicy(folder, 'data.whispered', '', '@notify("slack:#prod")');
      chat.editPolicies(folder);
    };
    const under = await StackUnderLoad.start((folder) => {
      const { env, ...roots } = doomed(folder);
      return {
        ...roots,
        replicas: { notification: 2 },
        env: (service, replica) => ({
          ...env?.(service, replica),
          ...(service === 'notification' && chat.env),
        }),
      };
    }, editPolicies);
    return new ChatApart(chat, under);
  }

  /** Of the proxy. */
  get address(): string {
    return this.under.stack.address;
  }

  get log(): LogFile {
    return this.under.log;
  }

  get nats(): ManagedProcess {
    return this.under.stack.nats;
  }

  /** Of the notification service. */
  get replicas(): readonly [ManagedProcess, ManagedProcess] {
    const { stack } = this.under;
    return [stack.service('notification', 0), stack.service('notification', 1)];
  }

  /** To the proxy, as in production, or to one replica. */
  clicksGoTo(address: string): void {
    this.chat.connect(address);
  }

  /** The requester, by the proxy. */
  api(): Promise<Api> {
    return this.#apiAt(this.address);
  }

  /** The requester past the proxy, which passes nothing on to what isn't ready. */
  apiOfIntake(): Promise<Api> {
    return this.#apiAt(this.under.stack.service('intake').address);
  }

  async opened(body: ActionParts = smallExport()): Promise<RequestView> {
    const requester = await this.api();
    return awaitStatus(requester, (await submit(requester, body)).id, 'pending');
  }

  async becomes(status: string, { id }: Pick<RequestView, 'id'>): Promise<RequestView> {
    return awaitStatus(await this.api(), id, status);
  }

  /** Events of this type about the request, whatever the stream. */
  about({ id }: Pick<RequestView, 'id'>, type: string) {
    return this.log.events().filter((event) => event.type === type && isAbout(event, id));
  }

  /** How often its card was called for, by what Slack and Teams were asked, and by what stands there. */
  posts({ id }: Pick<RequestView, 'id'>) {
    const { slack, teams } = this.chat;
    const ofIt = (content: unknown): boolean => JSON.stringify(content).includes(id);
    const posted = slack.calls.filter(({ method, args }) => method === 'chat.postMessage' && ofIt(args));
    return {
      slackCalls: posted.length,
      inSlack: slack.messages(PROD).filter(({ metadata }) => ofIt(metadata ?? {})).length,
      inTeams: [...teams.conversations.messages.values()].filter(({ activity }) => ofIt(activity)).length,
      inLog: this.log.types(streamName('delivery', id)).filter((type) => type === 'NotificationPosted')
        .length,
    };
  }

  /** Whoever of the replicas comes first to this dies of it, and nobody after. */
  async firstToDie(order: Extract<Order, { order: 'die-at' }>, cause: () => Promise<unknown>): Promise<void> {
    const died = Promise.race(this.replicas.map((replica) => replica.ended));
    for (const replica of this.replicas) await replica.order(order);
    await cause();
    await died;
    await this.#letLive();
  }

  /** Starts whatever doesn't run; resolves when all of it is ready, clicks go to the proxy, and nobody has orders. */
  async allUp(): Promise<void> {
    this.clicksGoTo(this.address);
    await this.#letLive();
    for (const process of this.under.stack.processes) process.start();
    await this.under.stack.whenReady();
  }

  assertWhole(): void {
    this.under.assertWhole();
  }

  async dispose(): Promise<void> {
    await this.under.dispose();
    await this.chat.stop();
  }

  async #letLive(): Promise<void> {
    const alive = this.replicas.filter(({ isRunning }) => isRunning);
    await Promise.all(alive.map((replica) => replica.order({ order: 'disarm' })));
  }

  async #apiAt(address: string): Promise<Api> {
    return new Api(address, { authorization: `Bearer ${await this.under.token(ETL_BOT)}` });
  }
}

const isAbout = (
  { stream, data }: { readonly stream: string; readonly data: Readonly<Record<string, unknown>> },
  id: string,
): boolean => stream.endsWith(id) || data['requestId'] === id;
