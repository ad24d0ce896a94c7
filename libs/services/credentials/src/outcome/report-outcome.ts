import type { OutcomeBody, OutcomeView } from '@countersign/contracts';
import { isRedeemer, reportExecution, type ExecutionOutcome, type Grant } from '@countersign/domain-grant';
import { retryOnConflict } from '@countersign/event-store';
import { CodedError, timestampNow } from '@countersign/kernel';
import { actorOf, inHand, type Caller, type ServiceContext } from '@countersign/service-host';
import { actingAs } from '../acting-as.ts';
import type { GrantStreams, LoadedGrant } from '../streams/grant-streams.ts';
import type { ReadableGrants } from '../streams/readable-grants.ts';
import { outcomeError } from './outcome-error.ts';

export interface ReportedOutcome {
  /** False for the same report again. */
  readonly isNew: boolean;
  readonly view: OutcomeView;
}

interface Dependencies extends Pick<ServiceContext, 'clock' | 'telemetry'> {
  readonly streams: GrantStreams;
  readonly readable: ReadableGrants;
}

/** Records what came of a redeemed action, once, on the word of whoever ran it. */
export class ReportOutcome {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /**
   * The same again is answered as the first time, another is `already_reported`. `not_redeemed` before the
   * redemption; `wrong_executor` for those who may read the request but didn't run it.
   */
  async report(grantId: string, body: OutcomeBody, caller: Caller): Promise<ReportedOutcome> {
    const { streams, readable, telemetry } = this.#with;
    const first = await streams.loadGrant(grantId);
    if (!mayRedeem(first.grant, caller)) await readable.load(grantId, caller);
    const attributes = { 'countersign.request.id': grantId };
    return telemetry.inThread('credentials.report_outcome', first.traceparent, { attributes }, () => {
      const next = inHand(first, () => streams.loadGrant(grantId));
      return retryOnConflict(async () => this.#attempt(await next(), executionOf(body), caller));
    });
  }

  async #attempt(loaded: LoadedGrant, execution: ExecutionOutcome, caller: Caller): Promise<ReportedOutcome> {
    const { clock, streams } = this.#with;
    const outcome = reportExecution(
      { ...actingAs(caller), outcome: execution, now: timestampNow(clock) },
      loaded.grant,
    );
    if (outcome.kind === 'refused') throw outcomeError(outcome.refusal);
    const isNew = outcome.kind === 'decided';
    const grant = isNew ? await streams.append(loaded, outcome.events, actorOf(caller)) : loaded.grant;
    return { isNew, view: outcomeView(grant) };
  }
}

/** The one who may run it knows of the grant by its token, whether or not they may read the request. */
const mayRedeem = (grant: Grant, caller: Caller): boolean =>
  grant.status !== 'unopened' && isRedeemer(actingAs(caller), grant.opened);

const executionOf = ({ status, exitCode, summary, outputDigest }: OutcomeBody): ExecutionOutcome => ({
  status,
  ...(exitCode !== undefined && { exitCode }),
  ...(summary !== undefined && { summary }),
  ...(outputDigest !== undefined && { outputDigest }),
});

const outcomeView = (grant: Grant): OutcomeView => {
  if (grant.status !== 'reported') {
    throw new CodedError('impossible_event', `A report can't leave a grant ${grant.status}.`);
  }
  const { grantId, late, reportedAt } = grant.report;
  return { ...executionOf(grant.report), grantId, late, reportedAt };
};
