import type { Enforcement } from '@countersign/domain-action';
import { DECISION_CHANNELS, type DecisionChannel } from '@countersign/domain-review';
import { parseDurationMs } from '@countersign/kernel';
import { RISKS, type Risk } from '@countersign/policy-engine';

/** What this build can hold a policy to; anything else fails the load. */
export interface EngineAbilities {
  readonly groups: ReadonlySet<string>;
  /** Kinds of notification channels that have an adapter: `log`. */
  readonly channelKinds: ReadonlySet<string>;
  readonly enforcements: ReadonlySet<Enforcement>;
}

export interface AnnotationProblem {
  readonly annotation: string;
  readonly code: string;
  readonly message: string;
}

/** Without value in the text (`@id permit …`): null. */
export type Annotations = Readonly<Record<string, string | null>>;

/** These change nothing of what a policy does. */
const NAMING = new Set(['id', 'description']);
const ENFORCEMENTS = new Set<string>(['advisory', 'guarded', 'brokered']);

const CONTROL = /^[A-Za-z][A-Za-z0-9-]*:[^\s:]+$/u;
const CHANNEL = /^([a-z]+)(?::[^\s>]+)?$/u;
const SHORTEST_REMINDER_MS = 60_000;

const words = (text: string): readonly string[] => text.split(/\s+/u).filter((word) => word !== '');

const isRisk = (text: string): text is Risk => RISKS.some((risk) => risk === text);
const isDecisionChannel = (text: string): text is DecisionChannel =>
  DECISION_CHANNELS.some((channel) => channel === text);
const isEnforcement = (text: string): text is Enforcement => ENFORCEMENTS.has(text);

/** Reads one statement's annotations; a value that can't be read is a problem, and absent from the result. */
export class AnnotationReader {
  readonly problems: AnnotationProblem[] = [];
  readonly #annotations: Annotations;
  readonly #abilities: EngineAbilities;

  constructor(annotations: Annotations, abilities: EngineAbilities) {
    this.#annotations = annotations;
    this.#abilities = abilities;
  }

  problem(annotation: string, code: string, message: string): undefined {
    this.problems.push({ annotation, code, message });
  }

  has(annotation: string): boolean {
    return Object.hasOwn(this.#annotations, annotation);
  }

  /** The annotation's text; one that is written without a value, or with an empty one, is a problem. */
  text(annotation: string): string | undefined {
    if (!this.has(annotation)) return undefined;
    const text = this.#annotations[annotation] ?? '';
    if (text.trim() !== '') return text;
    return this.problem(annotation, 'invalid_annotation', `Give @${annotation} a value.`);
  }

  group(annotation: string, name: string): string | undefined {
    if (this.#abilities.groups.has(name)) return name;
    return this.problem(annotation, 'unknown_group', `"${name}" is no group of directory.yaml.`);
  }

  groups(annotation: string): readonly string[] {
    return words(this.text(annotation) ?? '').flatMap((name) => this.group(annotation, name) ?? []);
  }

  durationMs(annotation: string): number | undefined {
    const text = this.text(annotation);
    if (text === undefined) return undefined;
    try {
      return parseDurationMs(text);
    } catch {
      return this.problem(
        annotation,
        'invalid_annotation',
        `@${annotation}("${text}") is no duration; write it like 30s, 15m, 1h or 2d.`,
      );
    }
  }

  quorum(): number | undefined {
    const text = this.text('quorum');
    if (text === undefined || /^([1-9]|10)$/u.test(text)) return Number(text ?? 1);
    return this.problem(
      'quorum',
      'invalid_annotation',
      `@quorum("${text}") must be a whole number from 1 to 10.`,
    );
  }

  /** Of `@notify`: each route a channel, and after each `>` the one to turn to where that could not be reached. */
  routes(): readonly (readonly string[])[] {
    return words(this.text('notify') ?? '').map((route) => {
      const channels = route.split('>');
      for (const channel of channels) this.#channel(channel);
      if (new Set(channels).size < channels.length) {
        this.problem('notify', 'invalid_annotation', `"${route}" names a channel twice.`);
      }
      return channels;
    });
  }

  #channel(channel: string): void {
    const kind = CHANNEL.exec(channel)?.[1];
    if (kind === undefined) {
      this.problem(
        'notify',
        'invalid_annotation',
        `"${channel}" names no channel; write it like log, slack:#prod or slack:#prod>teams:ops.`,
      );
    } else if (!this.#abilities.channelKinds.has(kind)) {
      this.problem('notify', 'unenforceable_annotation', `This build posts to no ${kind} channel.`);
    }
  }

  remindAfterMs(): number | undefined {
    const afterMs = this.durationMs('remind_after');
    if (afterMs === undefined || afterMs >= SHORTEST_REMINDER_MS) return afterMs;
    return this.problem(
      'remind_after',
      'invalid_annotation',
      'Remind once a minute at the most, or nobody reads it.',
    );
  }

  decideVia(): readonly DecisionChannel[] | undefined {
    const text = this.text('decide_via');
    if (text === undefined) return undefined;
    const places = words(text);
    for (const place of places.filter((one) => !isDecisionChannel(one))) {
      this.problem(
        'decide_via',
        'invalid_annotation',
        `"${place}" is none of ${DECISION_CHANNELS.join(', ')}.`,
      );
    }
    return [...new Set(places.filter(isDecisionChannel))];
  }

  controls(): readonly string[] {
    const controls = words(this.text('controls') ?? '');
    for (const control of controls.filter((one) => !CONTROL.test(one))) {
      this.problem('controls', 'invalid_annotation', `"${control}" is no control; write it like SOC2:CC6.1.`);
    }
    return controls;
  }

  enforcement(): Enforcement | undefined {
    const text = this.text('enforcement');
    if (text === undefined) return undefined;
    if (!isEnforcement(text)) {
      return this.problem(
        'enforcement',
        'invalid_annotation',
        `"${text}" is none of advisory, guarded, brokered.`,
      );
    }
    if (this.#abilities.enforcements.has(text)) return text;
    return this.problem(
      'enforcement',
      'unenforceable_annotation',
      `This build can't hold an action ${text}.`,
    );
  }

  risk(): Risk | undefined {
    const text = this.text('risk');
    if (text === undefined || isRisk(text)) return text;
    return this.problem('risk', 'invalid_annotation', `"${text}" is none of ${RISKS.join(', ')}.`);
  }

  requireKnown(known: ReadonlySet<string>, code: string, says: (name: string) => string): void {
    for (const name of Object.keys(this.#annotations)) {
      if (!known.has(name) && !NAMING.has(name)) this.problem(name, code, says(name));
    }
  }

  requireApprovalFor(annotations: ReadonlySet<string>): void {
    for (const name of annotations) {
      if (!this.has(name)) continue;
      this.problem(name, 'annotation_without_approval', `@${name} needs a @require_approval beside it.`);
    }
  }
}
