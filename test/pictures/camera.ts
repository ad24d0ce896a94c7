import { chromium, type Browser, type Page } from 'playwright-core';
import { WIDTH } from './html.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Letters without coloured fringes: a third of the bytes.
  '--disable-lcd-text',
];

/** What a card must never become: nothing in it leads anywhere, or comes from anywhere. */
const LIVE = 'a[href], iframe, object, embed, form, img:not([src^="data:image/svg+xml,"])';

/** Pages of ours, without a network, as pictures. */
export class Camera {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async open(executablePath: string): Promise<Camera> {
    return new Camera(await chromium.launch({ executablePath, args: FLAGS }));
  }

  /** Throws where the page failed, asked for something from outside, or holds something that can be followed. */
  async picture(html: string): Promise<Buffer> {
    const page = await this.#browser.newPage({ viewport: { width: WIDTH, height: 200 } });
    const objections: string[] = [];
    page.on('pageerror', (error) => objections.push(error.message));
    await page.route('**', (route) => {
      objections.push(`it asked for ${route.request().url()}`);
      return route.abort();
    });
    await page.setContent(html);
    objections.push(...(await liveElements(page)));
    if (objections.length > 0) throw new Error(`no picture of it: ${objections.join('; ')}`);
    const picture = await page.screenshot({ fullPage: true });
    await page.close();
    return picture;
  }

  close(): Promise<void> {
    return this.#browser.close();
  }
}

const liveElements = async (page: Page): Promise<readonly string[]> => {
  const count = await page.locator(LIVE).count();
  return count === 0 ? [] : [`${count} of its elements are live`];
};
