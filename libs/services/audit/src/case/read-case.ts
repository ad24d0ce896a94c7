import type { AuditCase, AuditEvent } from '@countersign/contracts';
import { notFound, type Caller, type ServiceConfig, type ServiceContext } from '@countersign/service-host';
import { isAuditor } from '../auditors.ts';
import type { RecordReading } from '../evidence/record-reading.ts';
import { auditRequestStreams, readRequestStreams, type AuditedStreams } from '../record/request-streams.ts';
import { foldStreams } from './fold-streams.ts';
import { readPolicyInForce } from './policy-in-force.ts';
import { tellStory } from './tell-story.ts';

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'policySets' | 'telemetry' | 'log'> & {
  readonly mode: ServiceConfig['mode'];
  readonly recordReading: Pick<RecordReading, 'record'>;
};

/**
 * The whole story of one request, from its streams alone: it is as true while the projection is behind, or
 * has stopped. It is told from events that verify; what doesn't is shown too, and named as a problem.
 */
export class ReadCase {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** `not_found` for who is no auditor, too. The store's errors where the reading can't be recorded. */
  async read(caller: Caller, requestId: string): Promise<AuditCase> {
    const { policySets, store, verifier, recordReading } = this.#with;
    if (!(await isAuditor(caller, policySets))) throw notFound();
    const streams = await readRequestStreams(store, requestId);
    const audited = auditRequestStreams(verifier, streams);
    if (audited.timeline.length === 0) throw notFound();
    const traceparent = streams.request[0]?.metadata.traceparent;
    const attributes = { 'countersign.request.id': requestId };
    return this.#with.telemetry.inThread('audit.read_case', traceparent, { attributes }, async () => {
      const found = await this.#tell(requestId, audited);
      await recordReading.record(caller, { what: 'case', requestId, shown: audited.timeline });
      return found;
    });
  }

  async #tell(requestId: string, { timeline, trusted }: AuditedStreams): Promise<AuditCase> {
    const folded = foldStreams(requestId, trusted);
    const inForce = await readPolicyInForce(this.#with.policySets, folded.review, trusted.review);
    const problems = [...unverified(timeline), ...folded.problems, ...inForce.problems];
    if (problems.length > 0) this.#alarm(requestId, problems);
    return {
      id: requestId,
      mode: this.#with.mode,
      ...tellStory(folded, inForce, trusted),
      problems,
      timeline: [...timeline],
    };
  }

  #alarm(requestId: string, problems: AuditCase['problems']): void {
    const { telemetry, log } = this.#with;
    for (const { code } of problems) telemetry.metrics.alarms.add(1, { code });
    log.error('ALARM: a case has problems.', { event: 'countersign.alarm', requestId, problems });
  }
}

const unverified = (timeline: readonly AuditEvent[]): AuditCase['problems'] =>
  timeline
    .filter(({ signatureValid }) => !signatureValid)
    .map(({ stream, revision, type }) => ({
      code: 'signature_invalid',
      detail: `${type} (${stream}@${revision}) is not what the stream's writer signed; treat it as forged.`,
      stream,
    }));
