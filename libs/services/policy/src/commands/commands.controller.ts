import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CANCEL_REVIEW, REAUTHORIZE, RECORD_DECISION, type DecisionView } from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import { parseBySchema } from '@countersign/service-host';
import { CancelReview, type Cancellation } from '../cancellation/cancel-review.ts';
import { RecordDecision } from '../decisions/record-decision.ts';
import { Reauthorize, type Reauthorized } from '../reauthorization/reauthorize.ts';
import { CommandAuthority } from './command-authority.ts';

/** What other services ask of policy over NATS. Each message is checked as if a stranger had sent it. */
@Controller()
export class CommandsController {
  readonly #authority: CommandAuthority;
  readonly #recordDecision: RecordDecision;
  readonly #cancelReview: CancelReview;
  readonly #reauthorize: Reauthorize;

  constructor(
    @Inject(CommandAuthority) authority: CommandAuthority,
    @Inject(RecordDecision) recordDecision: RecordDecision,
    @Inject(CancelReview) cancelReview: CancelReview,
    @Inject(Reauthorize) reauthorize: Reauthorize,
  ) {
    this.#authority = authority;
    this.#recordDecision = recordDecision;
    this.#cancelReview = cancelReview;
    this.#reauthorize = reauthorize;
  }

  @MessagePattern(RECORD_DECISION.natsSubject)
  async recordDecision(@Payload() message: Json): Promise<DecisionView> {
    const { payload, proof } = parseBySchema(RECORD_DECISION.payload, message);
    const { natsSubject } = RECORD_DECISION;
    const decider = await this.#authority.decider({ natsSubject, payload, proof });
    const { view } = await this.#recordDecision.record(payload, decider);
    return view;
  }

  @MessagePattern(CANCEL_REVIEW.natsSubject)
  async cancelReview(@Payload() message: Json): Promise<Cancellation> {
    const { payload, proof } = parseBySchema(CANCEL_REVIEW.payload, message);
    return this.#cancelReview.cancel(payload.requestId, await this.#authority.caller({ proof }));
  }

  @MessagePattern(REAUTHORIZE.natsSubject)
  async reauthorize(@Payload() message: Json): Promise<Reauthorized> {
    const { requestId } = parseBySchema(REAUTHORIZE.payload, message);
    return this.#reauthorize.ask(requestId);
  }
}
