import { streamName } from '@countersign/event-store';
import type { LogEvent } from './archive-lines.ts';
import type { WholeLog } from './read-log.ts';

const MODE_STREAM = streamName('system', 'mode');

/** The mode that an event records, where it is the one that does; undefined for every other. */
export const modeIn = ({ stream, revision, data }: LogEvent): string | undefined => {
  const mode = data['mode'];
  return stream === MODE_STREAM && revision === 0 && typeof mode === 'string' ? mode : undefined;
};

/** The mode in which a log was made; null where nothing in it says so yet. */
export const modeOf = async (store: WholeLog): Promise<string | null> => {
  const [first] = await store.readStream(MODE_STREAM, { limit: 1 });
  return first === undefined ? null : (modeIn(first) ?? null);
};
