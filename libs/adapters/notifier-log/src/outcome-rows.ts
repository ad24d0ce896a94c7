import type { ReviewCard } from '@countersign/notifier';
import type { Row } from './card-rows.ts';

/** How the request came to where it stands. */
export const outcomeRows = ({ outcome }: ReviewCard): readonly Row[] => {
  if (outcome === undefined) return [];
  const { at, by, cause, detail, exitCode, useBefore } = outcome;
  const facts: readonly (readonly [label: string, text: string | undefined])[] = [
    ['when', at],
    ['by', by],
    ['cause', cause],
    ['detail', detail],
    ['exit code', exitCode?.toString()],
    ['use before', useBefore],
  ];
  return facts.flatMap(([label, text]) =>
    text === undefined ? [] : [[label, ...text.split('\n')] as const],
  );
};
