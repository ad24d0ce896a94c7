import type { ActionsBlock, Button } from '@slack/types';
import { ACTIONS, type ButtonPointer } from '../pointer.ts';
import { plain } from './texts.ts';

type Look = { readonly text: string; readonly style?: 'primary' | 'danger' };

const LOOKS = {
  approve: { text: 'Approve', style: 'primary' },
  deny: { text: 'Deny', style: 'danger' },
  read: { text: 'Read in full' },
  previous: { text: 'Previous page' },
  next: { text: 'Next page', style: 'primary' },
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

/** On a message: each carries which card it stands on. */
export const messageButtons = (
  kinds: readonly (keyof typeof ACTIONS)[],
  pointer: ButtonPointer,
): ActionsBlock => ({
  type: 'actions',
  elements: kinds.map((kind) => button(kind, JSON.stringify(pointer))),
});

/** In a modal, which carries that itself. */
export const viewButtons = (kinds: readonly (keyof typeof ACTIONS)[]): ActionsBlock => ({
  type: 'actions',
  elements: kinds.map((kind) => button(kind, undefined)),
});
