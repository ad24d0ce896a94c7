import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { FONTS, page } from './html.ts';

const { resolve } = createRequire(import.meta.url);
const renderer = readFileSync(resolve('adaptivecards/dist/adaptivecards.min.js'), 'utf8');

const color = (normal: string, subtle = normal): object => ({ default: normal, subtle });

/** After the light theme of Teams' own host configuration. */
const foregroundColors = {
  default: color('#252424', '#616161'),
  dark: color('#252424', '#616161'),
  light: color('#ffffff'),
  accent: color('#6264a7'),
  attention: color('#c4314b'),
  good: color('#237b4b'),
  warning: color('#8f4e00'),
};

const HOST_CONFIG = {
  fontFamily: FONTS,
  supportsInteractivity: true,
  fontTypes: {
    default: { fontFamily: FONTS },
    monospace: { fontFamily: "'DejaVu Sans Mono', monospace" },
  },
  fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
  fontWeights: { lighter: 400, default: 400, bolder: 600 },
  spacing: { small: 8, default: 8, medium: 16, large: 20, extraLarge: 32, padding: 16 },
  separator: { lineThickness: 1, lineColor: '#e1dfdd' },
  containerStyles: {
    default: { backgroundColor: '#ffffff', foregroundColors },
    emphasis: { backgroundColor: '#f3f2f1', foregroundColors },
  },
  actions: {
    maxActions: 6,
    spacing: 'default',
    buttonSpacing: 8,
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
    showCard: { actionMode: 'inline', inlineTopMargin: 16 },
  },
  inputs: { label: { requiredInputs: { suffix: ' *', suffixColor: 'attention' } } },
};

const STYLES = `
  body { margin: 0; padding: 12px; background: #f5f5f5; font: 14px ${FONTS}; }
  #card { background: #fff; border: 1px solid #e1dfdd; border-radius: 4px; }
  .ac-pushButton { border: 1px solid #c8c6c4; border-radius: 3px; background: #fff; padding: 6px 16px;
    font: 600 14px ${FONTS}; }
  .ac-pushButton.style-positive { color: #fff; background: #6264a7; border-color: #6264a7; }
  .ac-pushButton.style-destructive { color: #c4314b; border-color: #c4314b; }
  .ac-input { box-sizing: border-box; width: 100%; min-height: 56px; background: #f3f2f1; border: 0; }
  .ac-textRun { white-space: normal; }`;

/** `<` could end the script that holds it. */
const asScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', String.raw`\u003c`);

/**
 * The makers' renderer in its own page. Text that it takes for markdown has no place in our cards: such a card gets
 * no picture.
 */
export const teamsCardHtml = (content: unknown): string =>
  page(
    STYLES,
    `<div id="card"></div><script>${renderer}</script><script>
      AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text) => { throw new Error('markdown: ' + text); };
      const card = new AdaptiveCards.AdaptiveCard();
      card.hostConfig = new AdaptiveCards.HostConfig(${asScript(HOST_CONFIG)});
      card.parse(${asScript(content)});
      document.getElementById('card').append(card.render());
    </script>`,
  );
