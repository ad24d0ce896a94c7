import { randomUUID } from 'node:crypto';
import { bindAction, type ActionRequested } from '@countersign/domain-action';
import { foldGrant, grantEvents, type GrantEvent } from '@countersign/domain-grant';
import { reviewEvents } from '@countersign/domain-review';
import { foldThread, statusOf } from '@countersign/domain-thread';
import { streamName } from '@countersign/event-store';
import { CodedError, type Json } from '@countersign/kernel';
import { ActionTokens, parseRedemption } from '@countersign/service-credentials';
import { serviceActor } from '@countersign/service-host';
import { deciderByToken } from '@countersign/service-policy';
import { HELD } from './held-store.ts';
import { EXPORT, MINUTE_MS, REQUESTER } from './real-facts.ts';
import { BOT, DAY, INITIATOR, OWNER, type Command } from './scenario.ts';
import type { Step } from './transitions.ts';
import type { Seat, UseCaseWorld } from './use-case-world.ts';
import { grantWord, reviewWord } from './words.ts';

/** What a caller was told, in the model's words: the precise refusal of a decision, the code of all else. */
const toldBy = (error: unknown, { does }: Command): string => {
  if (!(error instanceof CodedError)) throw error;
  const isDecision = does === 'approve' || does === 'deny';
  return String((isDecision ? error.members?.['reason'] : undefined) ?? error.code);
};

/** One request, handled by the real use cases of two replicas, step by step as the model's schedule wants it. */
export class UseCaseRun {
  readonly #world: UseCaseWorld;
  readonly #request: ActionRequested['data'];
  readonly #answers: [Promise<string> | undefined, Promise<string> | undefined] = [undefined, undefined];
  #token = '';

  private constructor(world: UseCaseWorld) {
    this.#world = world;
    const { action, digest } = bindAction({ ...REQUESTER, properties: { initiator: INITIATOR } }, EXPORT);
    const requestedAt = world.world.clock.now();
    this.#request = { ...action, requestId: randomUUID(), digest, requestedAt };
  }

  /** Asked and evaluated: where the model starts. */
  static async begin(world: UseCaseWorld): Promise<UseCaseRun> {
    await world.lapse(false);
    const run = new UseCaseRun(world);
    const { requestId } = run.#request;
    const asked = [{ type: 'ActionRequested', data: run.#request }];
    const context = { actor: serviceActor('intake'), correlationId: requestId };
    await world.world.writer('intake').append(streamName('request', requestId), 'no-stream', asked, context);
    await world.bystander.policy.ensureReview.ensure(requestId);
    return run;
  }

  async step(step: Step): Promise<string | undefined> {
    const told = await this.#run(step);
    const grant = foldGrant(await this.#grantEvents());
    if (grant.status === 'open' && grant.token !== undefined && this.#token === '') {
      this.#token = await new ActionTokens(this.#world.keys).sign(grant);
    }
    return told;
  }

  /** Both streams and the status, in the model's words. */
  async words(): Promise<string> {
    const review = reviewEvents(await this.#recorded('review'));
    const grant = await this.#grantEvents();
    const status = statusOf(foldThread({ request: this.#request, review, grant }));
    const minuteOf = (time: string): number =>
      (Date.parse(time) - Date.parse(this.#request.requestedAt)) / MINUTE_MS;
    const words = review.flatMap((event) => reviewWord(event, minuteOf));
    return [words, grant.map((event) => grantWord(event, minuteOf)), status].map(String).join('|');
  }

  /** Nobody goes on with what is still in hand. */
  end(): void {
    for (const replica of [0, 1] as const) if (this.#answers[replica] !== undefined) this.#crash(replica);
  }

  async #run(step: Step): Promise<string | undefined> {
    switch (step.kind) {
      case 'takes up':
        return this.#takeUp(step.replica, step.command);
      case 'appends':
      case 'appends, and the answer is lost':
        return this.#letGo(step.replica, step.kind === 'appends');
      case 'crashes':
        return this.#crash(step.replica);
      case 'a minute passes':
      case 'a day passes':
      case 'policy forbids it':
        return this.#pass(step.kind);
      default:
        return step satisfies never;
    }
  }

  async #pass(what: Exclude<Step, { replica: 0 | 1 }>['kind']): Promise<undefined> {
    if (what === 'policy forbids it') await this.#world.lapse(true);
    else this.#world.world.clock.advance(what === 'a day passes' ? DAY * MINUTE_MS : MINUTE_MS);
  }

  #crash(replica: 0 | 1): undefined {
    this.#world.crash(replica);
    this.#answers[replica] = undefined;
  }

  async #takeUp(replica: 0 | 1, command: Command): Promise<string | undefined> {
    const seat = this.#world.seat(replica);
    this.#answers[replica] = this.#ask(seat, command).catch((error: unknown) => toldBy(error, command));
    return this.#heldOrAnswered(replica);
  }

  async #letGo(replica: 0 | 1, answered: boolean): Promise<string | undefined> {
    this.#world.seat(replica).store.release({ answered });
    return this.#heldOrAnswered(replica);
  }

  async #heldOrAnswered(replica: 0 | 1): Promise<string | undefined> {
    const first = await Promise.race([this.#answers[replica], this.#world.seat(replica).store.reached]);
    if (first === HELD) return undefined;
    this.#answers[replica] = undefined;
    return first;
  }

  async #ask(seat: Seat, command: Command): Promise<string> {
    const { requestId } = this.#request;
    const { policy, credentials } = seat;
    switch (command.does) {
      case 'approve':
      case 'deny':
        return this.#decide(seat, command);
      case 'cancel': {
        const { result } = await policy.cancelReview.cancel(requestId, await this.#world.caller(BOT));
        return result === 'approved' ? 'review_closed' : result;
      }
      case 'keep the review':
        return policy.ensureReview.ensure(requestId).then(() => 'done');
      case 'keep the grant':
        return credentials.endGrant.ensure(requestId).then(() => 'done');
      case 'claim':
      case 'revoke':
      case 'redeem':
      case 'report':
        return this.#askForGrant(seat, command);
      default:
        return command satisfies never;
    }
  }

  async #decide({ policy }: Seat, { does, by, seen }: Extract<Command, { by: string }>): Promise<string> {
    const { requestId, digest } = this.#request;
    const decision = {
      requestId,
      decision: does,
      reason: does,
      digest: seen === 'another' ? 'another' : digest,
    };
    await policy.recordDecision.record(decision, deciderByToken(await this.#world.caller(by)));
    return 'recorded';
  }

  async #askForGrant(
    { credentials }: Seat,
    command:
      Extract<Command, { does: 'claim' | 'revoke' | 'redeem' | 'report' }> | { readonly does: 'claim' },
  ): Promise<string> {
    const { requestId } = this.#request;
    const bot = await this.#world.caller(BOT);
    switch (command.does) {
      case 'claim':
        return credentials.claimGrant.claim(requestId, bot).then(() => 'claimed');
      case 'revoke': {
        const revocation = { requestId, cause: command.cause, reason: command.cause };
        return credentials.revokeGrant
          .revoke(revocation, await this.#world.caller(OWNER))
          .then(() => 'revoked');
      }
      case 'redeem':
        return credentials.redeemGrant
          .redeem(parseRedemption(this.#redemption(command.redemptionId)), bot)
          .then(() => 'redeemed');
      case 'report':
        return credentials.reportOutcome
          .report(requestId, { status: command.status }, bot)
          .then(() => 'reported');
      default:
        return command satisfies never;
    }
  }

  #redemption(redemptionId: string): Json {
    const { subject, action, resource, context } = this.#request;
    const parts = { subject: { ...subject }, action: { ...action }, resource: { ...resource }, context };
    return { token: this.#token, ...parts, redemptionId };
  }

  #recorded(category: 'review' | 'grant') {
    return this.#world.world.events(streamName(category, this.#request.requestId));
  }

  async #grantEvents(): Promise<readonly GrantEvent[]> {
    return grantEvents(await this.#recorded('grant'));
  }
}
