import type { ReviewSheet } from '@countersign/notifier';
import type { ActionsBlock, Button } from '@slack/types';
import { ACTIONS, pointerTo } from '../pointer.ts';
import { plain } from './texts.ts';

type Look = { readonly text: string; readonly style?: 'primary' | 'danger' };

const LOOKS = {
  approve: { text: 'Approve', style: 'primary' },
  deny: { text: 'Deny', style: 'danger' },
  read: { text: 'Read in full' },
  previous: { text: 'Previous page' },
  next: { text: 'Next page', style: 'primary' },
  link: { text: 'Open in browser' },
} as const satisfies Record<keyof typeof ACTIONS, Look>;

const button = (kind: keyof typeof ACTIONS, value: string | undefined): Button => {
  const { text, style }: Look = LOOKS[kind];
  return {
    type: 'button',
    action_id: ACTIONS[kind],
    text: plain(text),
    ...(value !== undefined && { value }),
    ...(style !== undefined && { style }),
  };
};

/** On a message: each carries which card it stands on; behind them the way out, where the settings know one. */
export const messageButtons = (
  kinds: readonly Exclude<keyof typeof ACTIONS, 'link'>[],
  sheet: ReviewSheet,
): readonly ActionsBlock[] => {
  const pointer = JSON.stringify(pointerTo(sheet));
  const elements = [...kinds.map((kind) => button(kind, pointer)), ...linkButtons(sheet)];
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
};

const linkButtons = ({ link }: ReviewSheet): readonly Button[] =>
  link === undefined ? [] : [{ ...button('link', undefined), url: link }];

/** In a modal, which carries that itself. */
export const viewButtons = (kinds: readonly (keyof typeof ACTIONS)[]): ActionsBlock => ({
  type: 'actions',
  elements: kinds.map((kind) => button(kind, undefined)),
});
