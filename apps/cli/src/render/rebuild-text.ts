import type { AuditRebuild } from '@countersign/contracts';
import { block } from './blocks.ts';

/** What a replay of the whole log came to. */
export const rebuildText = (rebuilt: AuditRebuild): string =>
  block([
    ['projection', rebuilt.equal ? 'equal to the live one' : 'differs from the live one'],
    ['replaced', rebuilt.replaced ? 'the rebuilt one took its place' : undefined],
    ['events', String(rebuilt.events)],
    ['requests', String(rebuilt.requests)],
    ['digest', rebuilt.digest],
    ['live digest', rebuilt.equal ? undefined : rebuilt.liveDigest],
    ['took', `${rebuilt.tookMs} ms, ${rebuilt.replayMs} ms of it the replay`],
  ]);
