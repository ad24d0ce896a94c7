import { Controller, Inject } from '@nestjs/common';
import { jwksView, type JwksView } from '@countersign/contracts';
import { ApiRoute, reply, type Reply } from '@countersign/service-host';
import { PublishedKeys } from './published-keys.ts';

/** Seconds that anybody may keep the keys. A new one is published well before it signs. */
const MAX_AGE_S = 300;

@Controller()
export class JwksController {
  readonly #published: PublishedKeys;

  constructor(@Inject(PublishedKeys) published: PublishedKeys) {
    this.#published = published;
  }

  @ApiRoute({
    method: 'GET',
    path: '/.well-known/jwks.json',
    public: true,
    summary: 'The public keys by which action tokens and receipts verify',
    description: 'Retired keys too, as long as what they signed may still be shown.',
    tags: ['grants'],
    responses: { 200: { description: 'A JWK set (RFC 7517)', schema: jwksView } },
  })
  async jwks(): Promise<Reply<JwksView>> {
    return reply(200, await this.#published.jwks(), { 'cache-control': `public, max-age=${MAX_AGE_S}` });
  }
}
