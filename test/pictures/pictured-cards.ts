import { createHash } from 'node:crypto';
import { buildReviewSheet, type ReviewSheet } from '@countersign/notifier';
import { cardMessage, pagesOf, pageView } from '@countersign/notifier-slack';
import { messageCard, pageCard } from '@countersign/notifier-teams';
import { SAMPLE_CARDS } from '@countersign/notifier/samples';

/** What an adapter sends: pictures are taken of this and nothing else. */
export interface PicturedCard {
  /** The picture's file name, without `.png`. */
  readonly name: string;
  readonly kind: 'slack-message' | 'slack-modal' | 'teams-card';
  readonly content: unknown;
}

interface Sample {
  readonly name: string;
  /** Too long for a message: its last page, which offers the decision, is pictured, too. */
  readonly isLong: boolean;
}

const SAMPLES: Readonly<Record<keyof typeof SAMPLE_CARDS, Sample>> = {
  'a command': { name: 'command', isLong: false },
  'a long SQL statement': { name: 'long-sql', isLong: true },
  'a Terraform plan': { name: 'terraform-plan', isLong: true },
  'Arabic and emoji': { name: 'arabic-and-emoji', isLong: false },
  'an attack': { name: 'attack', isLong: false },
};

const slackLastPage = (sheet: ReviewSheet): unknown => {
  const pointer = {
    r: sheet.requestId,
    d: sheet.digest,
    v: sheet.version,
    m: 'T1/C1/1.1',
    k: 'read',
  } as const;
  return pageView(sheet, { ...pointer, p: pagesOf(sheet).length }, false);
};

/** A page that doesn't exist is the last one. */
const BEYOND_THE_LAST = 1_000;

const teamsLastPage = (sheet: ReviewSheet): unknown =>
  pageCard(sheet, { number: BEYOND_THE_LAST, version: sheet.version });

const picturesOf = ({ name, isLong }: Sample, sheet: ReviewSheet): readonly PicturedCard[] => [
  { name: `slack-${name}`, kind: 'slack-message', content: cardMessage(sheet) },
  { name: `teams-${name}`, kind: 'teams-card', content: messageCard(sheet) },
  ...(isLong
    ? ([
        { name: `slack-${name}-last-page`, kind: 'slack-modal', content: slackLastPage(sheet) },
        { name: `teams-${name}-last-page`, kind: 'teams-card', content: teamsLastPage(sheet) },
      ] as const)
    : []),
];

export const picturedCards: readonly PicturedCard[] = Object.entries(SAMPLE_CARDS).flatMap(
  ([title, card]) => {
    const sample = Object.entries(SAMPLES).find(([each]) => each === title)?.[1];
    return sample === undefined ? [] : picturesOf(sample, buildReviewSheet(card));
  },
);

/** Names what a picture was taken of. */
export const sourceDigest = ({ content }: PicturedCard): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64url');
