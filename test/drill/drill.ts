import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestView, type RequestView } from '@countersign/contracts';
import type { ServiceName } from '@countersign/kernel';
import { smallExport } from '../e2e/harness/life-cycle.ts';
import type { Answer, PersistentCaller } from '../faults/harness/persistent-caller.ts';
import { StackUnderLoad } from '../faults/load/stack-under-load.ts';

const WAIT_S = 10;

export const TENANT = 'T0ACME';
/** Slack's name for somebody of acme. */
export const chatAccount = (person: string): string => `U0${person.toUpperCase()}`;

const linkChatAccounts = (policies: string): void => {
  const path = join(policies, 'directory.yaml');
  const linked = ['alice', 'carol', 'dave'].reduce(
    (text, person) =>
      text.replace(
        `  - id: ${person}\n`,
        `  - id: ${person}\n    channels: [{ channel: slack, tenant: ${TENANT}, user: ${chatAccount(person)} }]\n`,
      ),
    readFileSync(path, 'utf8'),
  );
  writeFileSync(path, linked);
};

/** The five services apart on the NATS and the store that they are deployed with, and the people who use them. */
export class Drill {
  readonly apart: StackUnderLoad;
  readonly bot: PersistentCaller;
  readonly alice: PersistentCaller;
  readonly bob: PersistentCaller;

  private constructor(
    apart: StackUnderLoad,
    callers: readonly [PersistentCaller, PersistentCaller, PersistentCaller],
  ) {
    this.apart = apart;
    [this.bot, this.alice, this.bob] = callers;
  }

  static async start(): Promise<Drill> {
    const apart = await StackUnderLoad.start((folder) => {
      linkChatAccounts(join(folder, '..', 'policies'));
      return {};
    });
    const callers = ['Agent::"etl-bot"', 'User::"alice"', 'User::"bob"'].map((as) => apart.caller(as));
    const [bot, alice, bob] = await Promise.all(callers);
    if (bot === undefined || alice === undefined || bob === undefined)
      throw new Error('Somebody is missing.');
    return new Drill(apart, [bot, alice, bob]);
  }

  /** A request that waits for one of the data owners. */
  async pending(): Promise<RequestView> {
    const asked = requestView.parse((await this.bot.post('/v1/requests', smallExport())).json);
    return this.until(asked.id, 'pending');
  }

  async approved(): Promise<RequestView> {
    const request = await this.pending();
    const { status, json } = await this.decide(this.alice, request);
    if (status !== 201) throw new Error(`alice may not approve: ${status} ${JSON.stringify(json)}`);
    return request;
  }

  async until(id: string, status: string): Promise<RequestView> {
    for (let version = 0; ;) {
      const { json } = await this.bot.get(`/v1/requests/${id}?wait=${WAIT_S}&after=${version}`);
      const view = requestView.parse(json);
      if (view.status === status) return view;
      version = view.version;
    }
  }

  decide(person: PersistentCaller, { id, digest }: Pick<RequestView, 'id' | 'digest'>): Promise<Answer> {
    return person.post(`/v1/reviews/${id}/decisions`, {
      decision: 'approve',
      reason: 'Looks right.',
      digest,
    });
  }

  claim({ id }: Pick<RequestView, 'id'>): Promise<Answer> {
    return this.bot.post('/v1/grants', { requestId: id });
  }

  redeem({ subject, action, resource, context }: RequestView, token: string): Promise<Answer> {
    return this.bot.post('/v1/grants/redemptions', { token, subject, action, resource, context });
  }

  types(category: string, { id }: Pick<RequestView, 'id'>): readonly string[] {
    return this.apart.log.types(`${category}-${id}`);
  }

  /** What `countersign_alarms_total` comes to, over these services. */
  async alarms(code: string, services: readonly ServiceName[]): Promise<number> {
    const each = services.map(async (service) => {
      const { address } = this.apart.stack.service(service);
      const text = await (await fetch(`${address}/metrics`)).text();
      const lines = text.matchAll(/^countersign_alarms_total\{(?<labels>[^}]*)\} (?<count>\d+)/gm);
      return [...lines].reduce(
        (sum, { groups }) =>
          sum + (groups?.['labels']?.includes(`code="${code}"`) ? Number(groups['count']) : 0),
        0,
      );
    });
    return (await Promise.all(each)).reduce((sum, count) => sum + count, 0);
  }

  dispose(): Promise<void> {
    return this.apart.dispose();
  }
}
