import { expireGrant, markUnreported, type Grant, type GrantEvent } from '@countersign/domain-grant';
import { retryOnConflict } from '@countersign/event-store';
import { timestampNow, type Outcome } from '@countersign/kernel';
import { serviceActor, type ServiceContext } from '@countersign/service-host';
import type { GrantStreams, ProvenGrant } from '../streams/grant-streams.ts';

interface Dependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly streams: GrantStreams;
}

/**
 * Ends what nobody ended: a grant at its deadline, claimed or not, and a redemption without a report. Any
 * replica may call it, at any time, as often as it likes; the conditional append picks one.
 */
export class EndGrant {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  async ensure(requestId: string): Promise<void> {
    await retryOnConflict(async () => {
      const proven = await this.#with.streams.loadProven(requestId);
      if (proven?.terms === undefined) return;
      const { terms, grant } = proven;
      const now = timestampNow(this.#with.clock);
      const expiry = expireGrant({ terms, now }, grant);
      const outcome = expiry.kind === 'decided' ? expiry : markUnreported({ now }, grant);
      if (outcome.kind === 'decided') await this.#append(proven, outcome);
    });
  }

  /** The due work would do it within a second; whoever was told "too late" must find it expired. */
  async afterTooLate(requestId: string, { status }: Grant): Promise<void> {
    if (status === 'unopened' || status === 'open') await this.ensure(requestId);
  }

  async #append(
    proven: ProvenGrant,
    { events }: Extract<Outcome<GrantEvent, never>, { kind: 'decided' }>,
  ): Promise<void> {
    const { telemetry, streams } = this.#with;
    const attributes = { 'countersign.request.id': proven.grantId };
    await telemetry.inThread('credentials.keep_time', proven.traceparent, { attributes }, () =>
      streams.append(proven, events, serviceActor('credentials')),
    );
  }
}
