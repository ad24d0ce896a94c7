import { parseStreamName } from '@countersign/event-store';
import { describe, expect } from 'vitest';
import { ChatApart } from '../../e2e/harness/chat-apart.ts';
import { hasButtons } from '../../e2e/harness/chat-people.ts';
import { PROD } from '../../e2e/harness/chat.ts';
import { faultTest } from '../harness/run.ts';
import { PeopleInChat } from './people-in-chat.ts';
import { IN_CHAT, killAtRandom } from './random-kills.ts';

const FORM = { kills: 100, killers: 2, clients: 4, tellEvery: 5 };
const ALL_SAY_SO_MS = 180_000;

describe('the replicas that talk to chat, killed', () => {
  faultTest(
    'at random times and places lose no click that was taken, double none, and post no card in Slack twice',
    { timeoutMs: 120_000, longOnly: true },
    async (run) => {
      const { settings, report, tell } = run;
      const { clients, killers, tellEvery } = FORM;
      const kills = settings.kills ?? FORM.kills;
      const apart = await ChatApart.start({ patience: 1 });
      const { under, chat } = apart;
      try {
        const { scenarios } = new PeopleInChat(chat, under.log);
        const load = await under.load(run, { clients, scenarios });
        const onKill = (done: number): void => {
          if (done % tellEvery === 0) tell(`${done} of ${kills} killed, ${load.toString()}`);
        };
        const seed = run.seed.fork('kills');
        await killAtRandom({
          stack: under.stack,
          seed,
          report,
          kills,
          killers,
          onKill,
          only: IN_CHAT,
        });
        await under.settle(run);
        const asking = (): number => chat.slack.messages(PROD).filter(hasButtons).length;
        await expect.poll(asking, { timeout: ALL_SAY_SO_MS }).toBe(0);
        const opened = apart.log.events().filter(({ type }) => type === 'ReviewOpened');
        const posts = opened.map(({ stream }) => apart.posts({ id: parseStreamName(stream).id }));
        expect(Math.max(...posts.map(({ inSlack }) => inSlack))).toBe(1);
        tell(`${posts.filter(({ inTeams }) => inTeams > 1).length} of ${opened.length} stand twice in Teams`);
      } finally {
        await apart.dispose();
      }
      expect(report.total).toBe(kills);
    },
  );
});
