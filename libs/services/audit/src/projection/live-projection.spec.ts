import { World } from '@countersign/service-testing';
import type { LogFields } from '@countersign/service-host';
import { SILENT_LOGGER } from '@countersign/service-host';
import { describe, expect, it, onTestFinished } from 'vitest';
import { auditOver, dave } from '../audit-spec-helpers.ts';
import { Story } from '../story-spec-helpers.ts';
import { LiveProjection } from './live-projection.ts';

/** A signed event of a type that this build doesn't know, in a stream that audit follows. */
const appendUnknown = (story: Story) => story.append('grant', [{ type: 'GrantTeleported', data: {} }]);

describe('an event of a type that audit does not know', () => {
  it('stops it: it is unready, lists nothing, and says so', async () => {
    const world = await World.acme();
    const alarms: unknown[] = [];
    const errors: (LogFields | undefined)[] = [];
    const { telemetry, ...context } = world.context('audit');
    const metrics = {
      ...telemetry.metrics,
      alarms: { add: (_n: number, of?: object) => void alarms.push(of) },
    };
    const projection = new LiveProjection({
      ...context,
      telemetry: { ...telemetry, metrics },
      log: { ...SILENT_LOGGER, error: (_message, fields) => void errors.push(fields) },
      viewPath: () => ':memory:',
    });
    onTestFinished(() => projection.stop());
    await appendUnknown(await Story.begin(world, 1));
    projection.start();
    await expect(projection.live.follower.caughtUp).rejects.toMatchObject({ code: 'unknown_event_type' });
    expect(projection.ready()).toEqual(expect.any(String));
    expect(() => projection.read()).toThrow(expect.objectContaining({ code: 'projection_unavailable' }));
    expect(alarms).toEqual([{ code: 'unknown_event_type' }]);
    expect(errors).toMatchObject([{ code: 'unknown_event_type' }]);
  });

  it('leaves the cases readable, and tells what it found in its own', async () => {
    const world = await World.acme();
    const audit = auditOver(world);
    const [sound, odd] = [await Story.begin(world, 1), await Story.begin(world, 2)];
    await appendUnknown(odd);
    await expect(audit.projection.live.follower.caughtUp).rejects.toThrow();
    const auditor = await dave(world);
    expect(await audit.readCase.read(auditor, sound.id)).toMatchObject({ problems: [] });
    const { problems, timeline } = await audit.readCase.read(auditor, odd.id);
    expect(problems).toMatchObject([{ code: 'unknown_event_type', stream: `grant-${odd.id}` }]);
    expect(timeline.map(({ type, signatureValid }) => [type, signatureValid])).toEqual([
      ['ActionRequested', true],
      ['GrantTeleported', true],
    ]);
  });
});
