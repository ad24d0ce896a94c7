import type { WebhookReply, WebhookRequest } from '@countersign/notifier';
import type { Workspace } from '../api/workspace.ts';
import type { Interactions } from './interactions.ts';
import { interaction } from './payload-schemas.ts';
import { isSigned } from './verify-signature.ts';

export interface WebhookDependencies {
  readonly workspaces: readonly Workspace[];
  readonly interactions: Pick<Interactions, 'handle'>;
  readonly clock: { nowMs(): number };
}

const MOST_BYTES = 262_144;

/** Slack's calls: proven by the signature over the bytes first, and only then read. */
export const slackWebhook =
  ({ workspaces, interactions, clock }: WebhookDependencies) =>
  async (request: WebhookRequest): Promise<WebhookReply> => {
    if (request.path !== 'interactions') return { status: 404 };
    if (!isForm(request) || request.rawBody.length > MOST_BYTES) return { status: 400 };
    const nowMs = clock.nowMs();
    const vouched = workspaces.filter(
      ({ signingSecret }) => signingSecret !== undefined && isSigned(request, signingSecret, nowMs),
    );
    if (vouched.length === 0) return { status: 401 };
    const payload = parsed(request.rawBody);
    return payload === undefined ? { status: 400 } : interactions.handle(payload, vouched);
  };

const isForm = ({ headers }: WebhookRequest): boolean =>
  /^application\/x-www-form-urlencoded *(;|$)/i.test(headers['content-type'] ?? '');

const parsed = (rawBody: Buffer) => {
  const payloads = new URLSearchParams(rawBody.toString('utf8')).getAll('payload');
  const [payload] = payloads;
  if (payload === undefined || payloads.length > 1) return undefined;
  try {
    return interaction.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
};
