import type { AppReply } from '@countersign/fake-slack';
import { setTimeout as delay } from 'node:timers/promises';
import {
  decideInTeams,
  decisionsOn,
  FILLED,
  openInSlack,
  slackCard,
  teamsCard,
} from '../../e2e/harness/chat-people.ts';
import type { Chat, Name } from '../../e2e/harness/chat.ts';
import { bulkExport, smallExport } from '../../e2e/harness/life-cycle.ts';
import type { LogFile } from '../../e2e/harness/log-file.ts';
import type { Journey } from '../harness/journey.ts';
import { run, type Scenario } from '../harness/scenarios.ts';

type Decision = 'approve' | 'deny';

const PAUSE_MS = 200;
/** Longer than a claim of somebody who died lasts, and those of the cards before it. */
const PATIENCE_MS = 180_000;

/** Slack leaves the modal open where its app says what was wrong, or nothing. */
const wasTaken = ({ status, body }: AppReply): boolean => status === 200 && !body.includes('errors');

/** People who decide in chat as it was meant: who isn't told that it was taken does it again, who is doesn't. */
export class PeopleInChat {
  readonly #chat: Chat;
  readonly #log: LogFile;
  readonly #atScreens = new Map<Name, Promise<unknown>>();

  constructor(chat: Chat, log: LogFile) {
    this.#chat = chat;
    this.#log = log;
  }

  get scenarios(): readonly Scenario[] {
    return [
      {
        name: 'approved in Slack and run',
        ends: ['succeeded'],
        play: async (journey) => {
          await journey.submit(smallExport());
          await journey.until('pending');
          await this.#inSlack('alice', journey, 'approve');
          await journey.until('approved');
          await run(journey);
        },
      },
      {
        name: 'denied in Teams',
        ends: ['denied'],
        play: async (journey) => {
          await journey.submit(smallExport());
          await journey.until('pending');
          await this.#inTeams('bob', journey, 'deny');
        },
      },
      {
        name: 'approved by two, one in each, and run',
        ends: ['succeeded'],
        play: async (journey) => {
          await journey.submit(bulkExport());
          await journey.until('pending');
          await this.#inSlack('alice', journey, 'approve');
          await this.#inTeams('bob', journey, 'approve', (card) => card.includes('alice'));
          await journey.until('approved');
          await run(journey);
        },
      },
    ];
  }

  async #inSlack(name: Name, { id }: Journey, decision: Decision): Promise<void> {
    await this.#alone(name, async () => {
      const view = await persist(`The modal of ${id}`, async () =>
        openInSlack(this.#chat, name, await slackCard(this.#chat, id), decision),
      );
      await persist(`The decision on ${id} in Slack`, async () => {
        const reply = await this.#chat.slack.submitView(view, FILLED);
        if (!wasTaken(reply)) throw new Error(`${reply.status} ${reply.body}`);
      });
    });
    await this.#untilItCounts(name, id);
  }

  async #inTeams(
    name: Name,
    { id }: Journey,
    decision: Decision,
    holds?: (card: string) => boolean,
  ): Promise<void> {
    await persist(`The decision on ${id} in Teams`, async () => {
      const shown = await decideInTeams(this.#chat, name, await teamsCard(this.#chat, id, holds), decision);
      if (shown.kind === 'failure') throw new Error(shown.text);
    });
    await this.#untilItCounts(name, id);
  }

  async #untilItCounts(name: Name, id: string): Promise<void> {
    await persist(`What was taken of ${name} on ${id}`, () => {
      const counts = decisionsOn(this.#log, id).filter(({ approver }) => approver === name).length;
      return counts === 1 ? Promise.resolve() : Promise.reject(new Error(`It counts ${counts} times.`));
    });
  }

  /** A person looks at one modal at a time. */
  async #alone(name: Name, act: () => Promise<void>): Promise<void> {
    const turn = (this.#atScreens.get(name) ?? Promise.resolve()).then(act);
    this.#atScreens.set(
      name,
      turn.catch(() => undefined),
    );
    await turn;
  }
}

const persist = async <Result>(what: string, attempt: () => Promise<Result>): Promise<Result> => {
  for (const startedMs = performance.now(); ;) {
    try {
      return await attempt();
    } catch (cause) {
      if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`${what} never came.`, { cause });
      await delay(PAUSE_MS);
    }
  }
};
