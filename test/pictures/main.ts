import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Camera } from './camera.ts';
import { picturedCards, sourceDigest, type PicturedCard } from './pictured-cards.ts';
import { DIGESTS, FOLDER } from './pictures.ts';
import { smaller } from './png.ts';
import { slackMessageHtml, slackModalHtml } from './slack-html.ts';
import { teamsCardHtml } from './teams-html.ts';

// Run by `npm run pictures`, which says where the browser is.

const RENDERERS: Readonly<Record<PicturedCard['kind'], (content: unknown) => string>> = {
  'slack-message': slackMessageHtml,
  'slack-modal': slackModalHtml,
  'teams-card': teamsCardHtml,
};

const [browser = '/usr/bin/chromium'] = process.argv.slice(2);
const camera = await Camera.open(browser);
try {
  mkdirSync(FOLDER, { recursive: true });
  const digests: Record<string, object> = {};
  for (const card of picturedCards) {
    const picture = smaller(await camera.picture(RENDERERS[card.kind](card.content)));
    writeFileSync(join(FOLDER, `${card.name}.png`), picture);
    digests[card.name] = {
      source: sourceDigest(card),
      picture: createHash('sha256').update(picture).digest('base64url'),
    };
    console.log(`${card.name}.png  ${picture.length} bytes`);
  }
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.png')))
    if (!(file.slice(0, -'.png'.length) in digests)) rmSync(join(FOLDER, file));
  writeFileSync(DIGESTS, `${JSON.stringify(digests, null, 2)}\n`);
} finally {
  await camera.close();
}
