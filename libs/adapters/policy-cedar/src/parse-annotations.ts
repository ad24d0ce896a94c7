import type { PermitObligations } from '@countersign/policy-engine';
import {
  AnnotationReader,
  type AnnotationProblem,
  type Annotations,
  type EngineAbilities,
} from './annotation-reader.ts';

/** These say how people are asked, so they need `@require_approval`. */
const OF_APPROVAL = new Set([
  'quorum',
  'expires_in',
  'escalate_after',
  'escalate_to',
  'notify',
  'remind_after',
  'decide_via',
]);
const OF_PERMIT = new Set([
  'require_approval',
  'grant_ttl',
  'controls',
  'enforcement',
  'risk',
  ...OF_APPROVAL,
]);

type Approval = NonNullable<PermitObligations['approval']>;

const readEscalation = (reader: AnnotationReader, expiresInMs = 60 * 60_000): Approval['escalation'] => {
  const afterMs = reader.durationMs('escalate_after');
  const to = reader.groups('escalate_to');
  if (reader.has('escalate_after') !== reader.has('escalate_to')) {
    const given = reader.has('escalate_after') ? 'escalate_after' : 'escalate_to';
    return reader.problem(given, 'incomplete_escalation', 'Write @escalate_after and @escalate_to together.');
  }
  if (afterMs === undefined) return undefined;
  if (afterMs < expiresInMs) return { afterMs, to };
  return reader.problem(
    'escalate_after',
    'escalation_too_late',
    'The escalation must come before the review expires (@expires_in, 1h where none is written).',
  );
};

const readApproval = (reader: AnnotationReader): Approval | undefined => {
  if (!reader.has('require_approval')) {
    reader.requireApprovalFor(OF_APPROVAL);
    return undefined;
  }
  const written = reader.text('require_approval');
  const group = written === undefined ? undefined : reader.group('require_approval', written);
  const quorum = reader.quorum();
  const expiresInMs = reader.durationMs('expires_in');
  const escalation = readEscalation(reader, expiresInMs);
  if (group === undefined || quorum === undefined) return undefined;
  return {
    group,
    quorum,
    ...(expiresInMs === undefined ? {} : { expiresInMs }),
    ...(escalation === undefined ? {} : { escalation }),
  };
};

/** How people are told, and where they may answer. */
const readConversation = (
  reader: AnnotationReader,
): Pick<PermitObligations, 'channels' | 'failover' | 'remindAfterMs' | 'decideVia'> => {
  const routes = reader.routes();
  const failover = routes.filter((route) => route.length > 1);
  const remindAfterMs = reader.remindAfterMs();
  const decideVia = reader.decideVia();
  return {
    channels: [...new Set(routes.flatMap((route) => route.slice(0, 1)))],
    ...(failover.length === 0 ? {} : { failover }),
    ...(remindAfterMs === undefined ? {} : { remindAfterMs }),
    ...(decideVia === undefined ? {} : { decideVia }),
  };
};

const readPermit = (reader: AnnotationReader): PermitObligations => {
  reader.requireKnown(OF_PERMIT, 'unknown_annotation', (name) => `@${name} is no annotation of a permit.`);
  const approval = readApproval(reader);
  const grantTtlMs = reader.durationMs('grant_ttl');
  const enforcement = reader.enforcement();
  const risk = reader.risk();
  return {
    ...(approval === undefined ? {} : { approval }),
    ...(grantTtlMs === undefined ? {} : { grantTtlMs }),
    ...(approval === undefined ? { channels: [] } : readConversation(reader)),
    controls: reader.controls(),
    ...(enforcement === undefined ? {} : { enforcement }),
    ...(risk === undefined ? {} : { risk }),
  };
};

export interface ReadAnnotations {
  readonly id: string | undefined;
  readonly description: string;
  /** Of a permit. Meaningful only where there are no problems. */
  readonly obligations: PermitObligations | undefined;
  readonly problems: readonly AnnotationProblem[];
}

/** One statement's annotations, with everything that is wrong with them. */
export const readAnnotations = (
  effect: 'permit' | 'forbid',
  annotations: Annotations,
  abilities: EngineAbilities,
): ReadAnnotations => {
  const reader = new AnnotationReader(annotations, abilities);
  if (!reader.has('id'))
    reader.problem('id', 'missing_id', 'Give every policy an @id; evidence names it by that.');
  const id = reader.text('id');
  const description = reader.text('description') ?? '';
  if (effect === 'forbid') {
    reader.requireKnown(
      new Set(),
      'annotation_on_forbid',
      (name) => `@${name} on a forbid would change nothing; remove it.`,
    );
  }
  const obligations = effect === 'permit' ? readPermit(reader) : undefined;
  return { id, description, obligations, problems: reader.problems };
};
