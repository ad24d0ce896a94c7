import { foldThread, statusOf } from '@countersign/domain-thread';
import { decideReally, type Moment, type RealLog, type RealVerdict } from './real-deciders.ts';
import { openingOf, REQUEST } from './real-facts.ts';
import { nameOf, type Command, type Scenario } from './scenario.ts';
import type { State } from './state.ts';
import type { Step } from './transitions.ts';
import { grantWord, reviewWord } from './words.ts';

type Appending = Exclude<RealVerdict, { kind: 'answers' }>;

interface RealPending {
  readonly command: Command;
  readonly verdict: Appending;
  readonly expected: number;
  readonly stands: boolean;
}

export interface RealState {
  readonly log: RealLog;
  readonly replicas: readonly [RealPending | undefined, RealPending | undefined];
}

interface Stepped {
  readonly real: RealState;
  readonly answer?: string;
}

const isKeeping = ({ does }: Command): boolean => does === 'keep the review' || does === 'keep the grant';
const KEEPS = { review: { does: 'keep the review' }, grant: { does: 'keep the grant' } } as const;

/**
 * Runs the model's schedules on real events by the real deciders. Deciding is pure, so the same decision on the
 * same log is made once and remembered: that is what makes it feasible for every transition of the model.
 */
export class RealSchedule {
  readonly #scenario: Scenario;
  readonly #verdicts = new Map<string, RealVerdict>();
  readonly #logs = new Map<RealLog, Map<RealVerdict, RealLog>>();
  readonly #ids = new Map<RealLog, number>();
  readonly #words = new Map<RealLog, string>();
  readonly start: RealState;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.start = { log: { review: openingOf(scenario), grant: [] }, replicas: [undefined, undefined] };
  }

  /** How many decisions were really made. */
  get decisions(): number {
    return this.#verdicts.size;
  }

  run(real: RealState, { minute, lapsed }: Pick<State, 'minute' | 'lapsed'>, step: Step): Stepped {
    if (!('replica' in step)) return { real };
    const moment = { scenario: this.#scenario, minute, lapsed };
    const pending = real.replicas[step.replica];
    if (step.kind === 'crashes' || pending === undefined) {
      if (step.kind !== 'takes up') return { real: withReplica(real, step.replica, undefined) };
      return this.#decide(real, moment, step.replica, step.command);
    }
    return this.#append(real, moment, pending, step);
  }

  /** Both streams and the status in the model's words. */
  words(log: RealLog): string {
    const known = this.#words.get(log);
    if (known !== undefined) return known;
    const status = statusOf(foldThread({ request: REQUEST, ...log }));
    const words = [
      log.review.flatMap((event) => reviewWord(event)),
      log.grant.map((event) => grantWord(event)),
      status,
    ];
    const text = words.map(String).join('|');
    this.#words.set(log, text);
    return text;
  }

  #decide(real: RealState, moment: Moment, replica: 0 | 1, command: Command, answer?: string): Stepped {
    const verdict = this.#verdict(moment, real.log, command);
    const told = answer ?? verdict.answer;
    if (verdict.kind === 'answers') return { real: withReplica(real, replica, undefined), answer: told };
    const expected = real.log[verdict.kind].length;
    // What is done on the way to "too late" is the service's own work, however often it has to be decided again.
    const held = ['too_late', 'grant_expired'].includes(told) ? KEEPS[verdict.kind] : command;
    const pending = { command: held, verdict: this.#told(verdict, told), expected, stands: false };
    return { real: withReplica(real, replica, pending) };
  }

  #append(
    real: RealState,
    moment: Moment,
    pending: RealPending,
    step: Extract<Step, { replica: 0 | 1 }>,
  ): Stepped {
    const { verdict, expected, stands, command } = pending;
    const { replica } = step;
    const { answer } = verdict;
    if (stands) return { real: withReplica(real, replica, undefined), answer };
    if (real.log[verdict.kind].length !== expected) {
      return this.#decide(real, moment, replica, command, isKeeping(command) ? answer : undefined);
    }
    const appended = { ...real, log: this.#appended(real.log, verdict) };
    if (step.kind === 'appends') return { real: withReplica(appended, replica, undefined), answer };
    return { real: withReplica(appended, replica, { ...pending, stands: true }) };
  }

  #verdict(moment: Moment, log: RealLog, command: Command): RealVerdict {
    const key = [this.#id(log), moment.minute, moment.lapsed, nameOf(command)].join('|');
    const known = this.#verdicts.get(key) ?? decideReally(moment, log, command);
    this.#verdicts.set(key, known);
    return known;
  }

  readonly #tellings = new Map<Appending, Map<string, Appending>>();
  #told(verdict: Appending, answer: string): Appending {
    if (verdict.answer === answer) return verdict;
    const tellings = this.#tellings.get(verdict) ?? new Map<string, Appending>();
    this.#tellings.set(verdict, tellings);
    const told = tellings.get(answer) ?? { ...verdict, answer };
    tellings.set(answer, told);
    return told;
  }

  #id(log: RealLog): number {
    const id = this.#ids.get(log) ?? this.#ids.size;
    this.#ids.set(log, id);
    return id;
  }

  #appended(log: RealLog, verdict: Appending): RealLog {
    const longer = this.#logs.get(log) ?? new Map<RealVerdict, RealLog>();
    this.#logs.set(log, longer);
    const known = longer.get(verdict) ?? longerBy(log, verdict);
    longer.set(verdict, known);
    return known;
  }
}

const longerBy = (log: RealLog, verdict: Appending): RealLog =>
  verdict.kind === 'review'
    ? { ...log, review: [...log.review, ...verdict.events] }
    : { ...log, grant: [...log.grant, ...verdict.events] };

const withReplica = (real: RealState, replica: 0 | 1, pending: RealPending | undefined): RealState => ({
  ...real,
  replicas: replica === 0 ? [pending, real.replicas[1]] : [real.replicas[0], pending],
});
