import type { ManagedProcess } from '@countersign/dev-stack';

const COUNT = /^countersign_append_duration\w*_count\{(?<labels>[^}]*)\} (?<count>\d+)/gm;

/** How many appends of these processes lost a race for the stream, as their metrics tell. */
export const lostRaces = async (processes: readonly ManagedProcess[]): Promise<number> => {
  const texts = await Promise.all(
    processes.map(async ({ address }) => (await fetch(`${address}/metrics`)).text()),
  );
  const counts = texts.flatMap((text) => [...text.matchAll(COUNT)]);
  if (counts.length === 0) throw new Error('Nothing was appended, or the metric has another name.');
  return counts
    .filter(({ groups }) => groups?.['labels']?.includes('result="wrong_expected_revision"'))
    .reduce((sum, { groups }) => sum + Number(groups?.['count']), 0);
};
