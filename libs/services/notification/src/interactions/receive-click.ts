import { recordDecisionPayload } from '@countersign/contracts';
import { hasCode, timestampNow, type CodedError } from '@countersign/kernel';
import type { Click, ClickOutcome } from '@countersign/notifier';
import { parseBySchema, type ServiceContext } from '@countersign/service-host';
import { z } from 'zod';
import { outcomeOf } from './click-outcome.ts';
import { interactionIdOf, type InteractionStreams } from './interaction-streams.ts';

const text = z.string().min(1).max(500);

const clickSchema = recordDecisionPayload.omit({ shown: true }).extend({
  identity: z.strictObject({ channel: z.enum(['slack', 'teams']), tenant: text, user: text }),
  clickId: text,
  cardVersion: z.int().min(1),
  message: z.string().min(1).max(1_000),
  sawWhole: z.boolean(),
});

export interface Received {
  readonly interactionId: string;
  /** False where the click stood already. */
  readonly isNew: boolean;
  /** What was answered before; undefined where nothing was. */
  readonly answered: ClickOutcome | undefined;
}

export interface ReceiveClickDependencies extends Pick<ServiceContext, 'clock'> {
  readonly interactions: InteractionStreams;
}

/** Puts a click into the log, once, however often its channel delivers it. */
export class ReceiveClick {
  readonly #with: ReceiveClickDependencies;

  constructor(dependencies: ReceiveClickDependencies) {
    this.#with = dependencies;
  }

  /** `invalid_field` for a click that no card of ours can make; whatever the store throws: nothing was received. */
  async receive(given: Click): Promise<Received> {
    const { interactions, clock } = this.#with;
    const click = parseBySchema(clickSchema, given);
    const interactionId = interactionIdOf(click);
    const data = { ...click, receivedAt: timestampNow(clock) };
    try {
      await interactions.receive(interactionId, { type: 'InteractionReceived', data });
      return { interactionId, isNew: true, answered: undefined };
    } catch (error) {
      if (!hasCode(error, 'wrong_expected_revision')) throw error;
      return { interactionId, isNew: false, answered: await this.#answered(interactionId, error) };
    }
  }

  async #answered(interactionId: string, conflict: CodedError): Promise<ClickOutcome | undefined> {
    const loaded = await this.#with.interactions.load(interactionId);
    if (loaded === undefined) throw conflict;
    return loaded.answered && outcomeOf(loaded.answered);
  }
}
