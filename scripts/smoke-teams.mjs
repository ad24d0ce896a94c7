// Tries the Teams adapter on a real tenant: posts a card of a request that doesn't exist, takes one click with
// --listen, and changes the card. Nothing is decided: no service runs.
//   npm run smoke:teams -- <settings.yaml> <conversation> [--listen <port>]
// With --listen, the bot's messaging endpoint must lead to /v1/teams/messages on that port.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { ensureBuilt, ensureInstalled } from './bootstrap.mjs';
import { root } from './lib/workspace.mjs';

const USAGE = `npm run smoke:teams -- <settings.yaml> <conversation> [--listen <port>]

Posts a card of a request that doesn't exist to a real tenant and changes it; with --listen it takes one click.
See docs/teams.md.`;

const load = (...path) => import(pathToFileURL(join(root, 'libs', ...path)).href);

/** Answers the first click, and decides nothing. */
function oneClick(sheet) {
  let clicked;
  const click = new Promise((resolve) => (clicked = resolve));
  const desk = {
    open: async (requestId) =>
      requestId === sheet.requestId
        ? { kind: 'sheet', sheet }
        : { kind: 'refused', message: 'There is no such request.' },
    receive: async (received) => {
      clicked(received);
      const message = 'This was a smoke test: your click arrived, and decides nothing.';
      return { isNew: true, outcome: Promise.resolve({ kind: 'decided', status: 'denied', message }) };
    },
  };
  return { desk, click };
}

async function answer(channel, request, response) {
  const rawBody = await buffer(request);
  const { headers, url } = request;
  const path = url === '/v1/teams/messages' ? 'messages' : 'none';
  const reply = await channel.webhook({ path, headers, rawBody }).catch(() => ({ status: 503 }));
  console.log(`Teams called; answered ${reply.status}.`);
  response.writeHead(reply.status, { 'content-type': reply.contentType ?? 'text/plain' });
  response.end(reply.body);
}

const listen = (channel, port) =>
  new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      answer(channel, request, response).catch(() => response.destroy());
    });
    server.once('error', reject);
    server.listen(port, () => resolve(server));
  });

async function smoke({ settings, to, port }) {
  await ensureInstalled();
  await ensureBuilt();
  const { teamsChannel, teamsConfig } = await load('adapters', 'notifier-teams', 'dist', 'index.js');
  const { buildReviewSheet } = await load('notifier', 'dist', 'index.js');
  const { plainCard } = await load('notifier', 'dist', 'samples', 'index.js');
  const { SystemClock } = await load('kernel', 'dist', 'index.js');
  const config = teamsConfig.parse(parse(await readFile(settings, 'utf8')));
  const sheet = buildReviewSheet({ ...plainCard, requestId: crypto.randomUUID(), isDevelopment: true });
  const { desk, click } = oneClick(sheet);
  const log = { info: console.log, warn: console.warn };
  const channel = await teamsChannel(config, { desk, clock: new SystemClock(), log });
  const server = port === undefined ? undefined : await listen(channel, Number(port));
  const delivery = { channel: `teams:${to}`, isRepeat: false, signal: AbortSignal.timeout(600_000) };
  const message = await channel.notifier.post({ ...delivery, sheet });
  console.log(
    'The card is posted. Look at it: is all of it there, and is nothing of it a link or bold by itself?',
  );
  if (config.askGraph) {
    const found = await channel.notifier.post({ ...delivery, sheet, isRepeat: true });
    console.log(
      found === message
        ? 'Graph found the card again, so a post without an answer will not be doubled here.'
        : 'Graph did not find the card, so it stands twice now. Delete the second one.',
    );
  }
  if (server !== undefined) {
    console.log('Now use Approve or Deny on it.');
    const { identity, decision, reason } = await click;
    console.log('A click arrived:', { identity, decision, reason });
    console.log('May this account decide?', (await channel.notifier.objectionTo(identity)) ?? 'Yes.');
  }
  const over = buildReviewSheet({
    ...plainCard,
    requestId: sheet.requestId,
    status: 'cancelled',
    version: 9,
  });
  await channel.notifier.update({ ...delivery, sheet: over, message });
  console.log('The card says now that the request is cancelled, and its buttons are gone.');
  server?.close();
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { listen: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [settings, to] = positionals;
  if (values.help) console.log(USAGE);
  else if (settings === undefined || to === undefined)
    throw new Error(`Say which settings and which conversation.\n${USAGE}`);
  else await smoke({ settings, to, port: values.listen });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
