// Tries the Slack adapter on a real workspace: posts a card of a request that doesn't exist, finds it again,
// changes it, and takes one click. Nothing is decided: no service runs.
//   npm run smoke:slack -- <settings.yaml> '#channel' [--listen <port>]
// Without --listen, clicks come through Socket Mode (appTokenFile); with it, Slack calls that port.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';

const CLICK_WITHIN_MS = 180_000;

const USAGE = `npm run smoke:slack -- <settings.yaml> '#channel' [--listen <port>]

Posts a card of a request that doesn't exist to a real workspace, finds it again, changes it, and takes one click.
With --listen Slack calls that port; without, clicks come through Socket Mode. See docs/slack.md.`;

const readSettings = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { listen: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const [file, channel] = positionals;
  if (!file || !channel) throw new Error(`say which settings and channel.\n${USAGE}`);
  return { settings: parse(readFileSync(file, 'utf8')), channel: `slack:${channel}`, port: values.listen };
};

/** In place of the notification service: takes the first click, and decides nothing. */
const deskOf = (sheet) => {
  const { promise: clicked, resolve } = Promise.withResolvers();
  return {
    clicked,
    receive: async (click) => {
      resolve(click);
      const message = `Your ${click.decision} came through. This was a test, and decided nothing.`;
      return { isNew: true, outcome: Promise.resolve({ kind: 'refused', code: 'smoke_test', message }) };
    },
    open: async () => ({ kind: 'sheet', sheet }),
  };
};

async function answer(webhook, request, response) {
  const chunks = await Array.fromAsync(request);
  const path = request.url === '/v1/slack/interactions' ? 'interactions' : 'unknown';
  const { headers } = request;
  const reply = await webhook({ path, headers, rawBody: Buffer.concat(chunks) });
  const type = reply.contentType === undefined ? {} : { 'content-type': reply.contentType };
  response.writeHead(reply.status, type).end(reply.body);
}

const listen = (port, { webhook }) =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      answer(webhook, request, response).catch(() => response.writeHead(503).end());
    });
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });

const withinTime = (clicked) =>
  Promise.race([
    clicked,
    new Promise((resolve) => {
      setTimeout(resolve, CLICK_WITHIN_MS).unref();
    }),
  ]);

async function smoke() {
  const { settings, channel, port } = readSettings();
  await ensureInstalled();
  await ensureBuilt();
  const { slackChannel, slackConfig } = await import('@countersign/notifier-slack');
  const { buildReviewSheet } = await import('@countersign/notifier');
  const { plainCard } = await import('@countersign/notifier/samples');
  const sheet = buildReviewSheet({ ...plainCard, requestId: randomUUID(), isDevelopment: true });
  const desk = deskOf(sheet);
  const slack = slackChannel(slackConfig.parse(settings), {
    desk,
    clock: { nowMs: () => Date.now() },
    log: console,
  });
  const server = port === undefined ? undefined : await listen(Number(port), slack);
  await slack.start();
  try {
    await clickOn({ slack, channel, sheet, desk });
  } finally {
    await slack.stop();
    server?.close();
  }
}

async function clickOn({ slack, channel, sheet, desk }) {
  const deliver = (isRepeat) => ({ channel, sheet, isRepeat, signal: AbortSignal.timeout(30_000) });
  const message = await slack.notifier.post(deliver(false));
  console.log(`Posted ${message}.`);
  const again = await slack.notifier.post(deliver(true));
  if (again !== message) throw new Error(`the card was posted twice: ${again} (is the history readable?)`);
  console.log('Found it again, and changed it in place.');
  console.log('Now press Approve, Deny or Read in full in Slack, and give a reason.');
  const click = await withinTime(desk.clicked);
  if (click === undefined) throw new Error('no click came within three minutes');
  const { tenant, user } = click.identity;
  console.log(`Clicked by workspace ${tenant}, user ${user}: ${click.decision}, "${click.reason}".`);
  const objection = await slack.notifier.objectionTo(click.identity);
  console.log(objection ?? 'Slack has nothing to say against that account.');
  const over = { ...sheet, version: sheet.version + 1, asks: false, heading: 'The test is over' };
  await slack.notifier.update({ ...deliver(false), sheet: over, message });
  console.log('The card says that it is over. Its buttons are gone.');
}

try {
  await smoke();
} catch (error) {
  console.error(`Slack doesn't work yet: ${error.message}`);
  process.exitCode = 1;
}
