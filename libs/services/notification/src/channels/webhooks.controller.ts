import { Controller, Inject } from '@nestjs/common';
import { CodedError } from '@countersign/kernel';
import type { Channel, WebhookReply, WebhookStatus } from '@countersign/notifier';
import { ApiParams, ApiRoute, RawBody, RawHeaders, reply, type Reply } from '@countersign/service-host';
import { z } from 'zod';

/** What the controller needs of the channels in use, by their kind. */
export type Webhooks = ReadonlyMap<string, Pick<Channel, 'webhook'>>;

export const WEBHOOKS = Symbol('countersign:webhooks');

const webhookParams = z.object({ path: z.enum(['interactions', 'messages']) });
type WebhookParams = z.infer<typeof webhookParams>;

type Headers = Readonly<Record<string, string | undefined>>;

/** Bytes: a whole Teams activity, or a view of Slack's with all it holds. */
const LIMIT = 262_144;

/** What the platform reads of an answer is its status. */
const ANSWERS: Readonly<Record<WebhookStatus, { readonly description: string }>> = {
  200: { description: 'Received: it stands in the log, or changes nothing' },
  202: { description: 'Accepted' },
  400: { description: 'Not understood' },
  401: { description: 'Not proven to come from the platform' },
  403: { description: 'Proven, and not allowed' },
  404: { description: 'Nothing is received here' },
  429: { description: 'Too fast' },
  503: { description: 'Not received: call again' },
};

const common = {
  method: 'POST',
  tags: ['channels'],
  public: true,
  params: webhookParams,
  bodyLimit: LIMIT,
  responses: ANSWERS,
  errors: ['not_found', 'channel_unavailable'],
} as const;

/** Where chat platforms call. Who calls is proven by the platform's signature, which each channel checks first. */
@Controller()
export class WebhooksController {
  readonly #webhooks: Webhooks;

  constructor(@Inject(WEBHOOKS) webhooks: Webhooks) {
    this.#webhooks = webhooks;
  }

  @ApiRoute({
    ...common,
    path: '/v1/slack/:path',
    summary: "Slack's interactions",
    description: 'Signed by Slack. 404 where Slack is not configured.',
    rawBody: ['application/x-www-form-urlencoded'],
  })
  slack(
    @ApiParams() { path }: WebhookParams,
    @RawHeaders() headers: Headers,
    @RawBody() rawBody: Buffer,
  ): Promise<Reply<string>> {
    return this.#pass('slack', path, headers, rawBody);
  }

  @ApiRoute({
    ...common,
    path: '/v1/teams/:path',
    summary: "Teams' activities",
    description: 'With a token of the Bot Framework. 404 where Teams is not configured.',
    rawBody: ['application/json'],
  })
  teams(
    @ApiParams() { path }: WebhookParams,
    @RawHeaders() headers: Headers,
    @RawBody() rawBody: Buffer,
  ): Promise<Reply<string>> {
    return this.#pass('teams', path, headers, rawBody);
  }

  async #pass(kind: string, path: string, headers: Headers, rawBody: Buffer): Promise<Reply<string>> {
    const webhook = this.#webhooks.get(kind)?.webhook;
    if (webhook === undefined) throw new CodedError('not_found', 'Nothing is received here.');
    return asReply(await webhook({ path, headers, rawBody }));
  }
}

const asReply = ({ status, contentType, body = '' }: WebhookReply): Reply<string> =>
  reply(status, body, contentType === undefined ? {} : { 'content-type': contentType });
