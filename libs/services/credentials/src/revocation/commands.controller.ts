import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { REVOKE_GRANT, type RevocationView } from '@countersign/contracts';
import type { Json } from '@countersign/kernel';
import { parseBySchema, provenCaller, type Authenticator } from '@countersign/service-host';
import { RevokeGrant } from './revoke-grant.ts';

export const AUTHENTICATOR = Symbol('credentials:authenticator');

/** What the intake asks over NATS for a principal, on that principal's own token and nothing else. */
@Controller()
export class CommandsController {
  readonly #authenticator: Authenticator;
  readonly #revokeGrant: RevokeGrant;

  constructor(
    @Inject(AUTHENTICATOR) authenticator: Authenticator,
    @Inject(RevokeGrant) revokeGrant: RevokeGrant,
  ) {
    this.#authenticator = authenticator;
    this.#revokeGrant = revokeGrant;
  }

  @MessagePattern(REVOKE_GRANT.natsSubject)
  async revoke(@Payload() message: Json): Promise<RevocationView> {
    const { payload, proof } = parseBySchema(REVOKE_GRANT.payload, message);
    return this.#revokeGrant.revoke(payload, await provenCaller(this.#authenticator, proof));
  }
}
