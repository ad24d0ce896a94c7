import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Message, type Block } from 'slack-blocks-to-jsx';
import { z } from 'zod';
import { escapeHtml, FONTS, page } from './html.ts';

const blocks = z.array(z.custom<Block>((block) => typeof block === 'object'));
const message = z.object({ blocks });
const text = z.object({ type: z.literal('plain_text'), text: z.string() });
const modal = z.object({ blocks, title: text, close: text, submit: text.optional() });

const LOGO = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="6" fill="#2b4c7e"/>' +
    '<path d="M9 19l6 6 12-14" fill="none" stroke="#fff" stroke-width="4"/></svg>',
)}`;

/** A time of day as a reader would see it, wherever the picture is taken. */
const POSTED_AT = new Date(2026, 10, 20, 3, 0);

const rendererStyles = readFileSync(
  createRequire(import.meta.url).resolve('slack-blocks-to-jsx/dist/style.css'),
  'utf8',
);

const STYLES = `${rendererStyles}
  body { margin: 0; padding: 12px; }
  #slack_blocks_to_jsx, #slack_blocks_to_jsx * { font-family: ${FONTS}; }
  #slack_blocks_to_jsx section { max-width: none; }
  #slack_blocks_to_jsx :is(pre, code, pre *, .slack_inline_code) { font-family: 'DejaVu Sans Mono', monospace; }
  #slack_blocks_to_jsx :is(pre, pre *) { word-break: normal; overflow-wrap: anywhere; }
  .modal { border: 1px solid #ddd; border-radius: 8px; }
  .modal > * { padding: 12px 20px; font: 900 18px ${FONTS}; }
  .modal footer { display: flex; justify-content: end; gap: 8px; border-top: 1px solid #ddd; }
  .modal footer span { border: 1px solid #bbb; border-radius: 4px; padding: 6px 12px; font: 700 14px ${FONTS}; }
  .modal footer span + span { color: #fff; background: #007a5a; border-color: #007a5a; }
  .modal :is(.slack_blocks_to_jsx--header, section > div:first-child, .text-small > p) { display: none !important; }`;

const rendered = (content: readonly Block[]): string =>
  renderToStaticMarkup(
    createElement(Message, {
      blocks: [...content],
      logo: LOGO,
      name: 'Countersign',
      time: POSTED_AT,
      theme: 'light',
    }),
  );

export const slackMessageHtml = (content: unknown): string =>
  page(STYLES, rendered(message.parse(content).blocks));

/** The renderer knows no modals: the frame around the blocks is a likeness of ours. */
export const slackModalHtml = (content: unknown): string => {
  const { blocks: shown, title, close, submit } = modal.parse(content);
  const buttons = [close, ...(submit === undefined ? [] : [submit])];
  const footer = buttons.map((button) => `<span>${escapeHtml(button.text)}</span>`).join('');
  return page(
    STYLES,
    `<div class="modal"><header>${escapeHtml(title.text)}</header><main>${rendered(shown)}</main><footer>${footer}</footer></div>`,
  );
};
