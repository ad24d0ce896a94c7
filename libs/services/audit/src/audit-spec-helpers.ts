import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@countersign/event-store';
import type { Caller } from '@countersign/service-host';
import type { World } from '@countersign/service-testing';
import { onTestFinished } from 'vitest';
import { ReadCase } from './case/read-case.ts';
import { ListEvents } from './events/list-events.ts';
import { RecordReading } from './evidence/record-reading.ts';
import { LiveProjection } from './projection/live-projection.ts';
import { RebuildProjection } from './projection/rebuild-projection.ts';
import { ListRequests } from './requests/list-requests.ts';

/**
 * One replica of the audit service over a world; `store` is a decorated one where a test injects faults, and
 * `looks` how little it looks at in one go.
 */
export const auditOver = (
  world: World,
  store: EventStore = world.store,
  looks: { readonly stretch?: number; readonly most?: number } = {},
) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-audit-'));
  const context = {
    ...world.context('audit', store),
    viewPath: (name: string) => join(folder, `${name}.db`),
  };
  const projection = new LiveProjection(context);
  const recordReading = new RecordReading(context);
  const parts = { ...context, ...looks, mode: 'development', projection, recordReading } as const;
  onTestFinished(async () => {
    await projection.stop();
    rmSync(folder, { recursive: true });
  });
  projection.start();
  return {
    ...parts,
    listRequests: new ListRequests(parts),
    readCase: new ReadCase(parts),
    listEvents: new ListEvents(parts),
    rebuildProjection: new RebuildProjection(parts),
    /** Resolves when every event of the world so far stands in the projection. */
    settled: async (): Promise<void> => {
      await projection.live.follower.caughtUp;
      const head = await headOf(world.store);
      while (projection.live.follower.status().position !== head) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const stop = projection.onMovedOn(resolve);
        if (projection.live.follower.status().position !== head) await promise;
        stop();
      }
    },
  };
};

export type Audit = ReturnType<typeof auditOver>;

const headOf = async (store: EventStore): Promise<string | undefined> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let head: string | undefined;
  const subscription = store.subscribe(
    { categories: ['system'] },
    {
      onEvents: (_events, position) => {
        head = position;
      },
      onCaughtUp: resolve,
    },
  );
  await promise;
  await subscription.close();
  return head;
};

export const dave = (world: World): Promise<Caller> => world.caller('User::"dave"');
