import { join } from 'node:path';
import { ensureInstalled } from './bootstrap.mjs';
import { installByApt } from './lib/apt.mjs';
import { run, runForeground } from './lib/run.mjs';
import { nodePath, root } from './lib/workspace.mjs';
import { which } from './lib/which.mjs';

// `npm run pictures`: takes the pictures of cards in docs/pictures again. Nothing else needs a browser.

const findBrowser = () => which('chromium') ?? which('chromium-browser') ?? which('google-chrome');

/** What the samples are written in; another font would show boxes. */
const FONTS = { 'Noto Sans Arabic': 'fonts-noto-core', 'Noto Color Emoji': 'fonts-noto-color-emoji' };

async function ensureFonts() {
  const { output } = await run('fc-list', [':', 'family']);
  for (const [family, name] of Object.entries(FONTS)) {
    if (output.includes(family) || (await installByApt(name))) continue;
    throw new Error(`the font '${family}' is missing: install it (Debian: ${name})`);
  }
}

async function ensureBrowser() {
  const found = findBrowser() ?? ((await installByApt('chromium')) ? findBrowser() : undefined);
  if (found === undefined) throw new Error('no Chromium was found: install it, and put it on PATH');
  return found;
}

try {
  await ensureInstalled();
  const browser = await ensureBrowser();
  await ensureFonts();
  process.exitCode = await runForeground(nodePath(), [
    '--no-warnings',
    '--conditions=@countersign/source',
    join(root, 'test/pictures/main.ts'),
    browser,
  ]);
} catch (error) {
  console.error(`The pictures can't be taken: ${error.message}`);
  process.exitCode = 1;
}
