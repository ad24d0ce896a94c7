import type { AppReply, FakeMessage, FakeView, SignedCall } from '@countersign/fake-slack';
import type { Shown } from '@countersign/fake-teams';
import { vi } from 'vitest';
import { PEOPLE, PROD, slackUser, type Chat, type Name } from './chat.ts';
import type { LogFile } from './log-file.ts';

const PATIENCE = { timeout: 20_000, interval: 50 };

/** Resolves to what `find` finds, as soon as it does. */
export const eventually = <Found>(what: string, find: () => Found | undefined): Promise<Found> =>
  vi.waitFor(() => {
    const found = find();
    if (found === undefined) throw new Error(`${what} never came.`);
    return found;
  }, PATIENCE);

/** The request's card in Slack as it is now, once `holds` holds of it. */
export const slackCard = (
  { slack }: Chat,
  requestId: string,
  holds: (message: FakeMessage) => boolean = () => true,
): Promise<FakeMessage> =>
  eventually(`The card of ${requestId} in Slack`, () =>
    slack
      .messages(PROD)
      .find((message) => message.metadata?.event_payload['request_id'] === requestId && holds(message)),
  );

/** The name of the request's card in Teams, once what everybody sees of it holds. */
export const teamsCard = (
  { teams }: Chat,
  requestId: string,
  holds: (content: string) => boolean = () => true,
): Promise<string> =>
  eventually(`The card of ${requestId} in Teams`, () => {
    for (const { id, activity } of teams.conversations.messages.values()) {
      const content = JSON.stringify(activity);
      if (content.includes(requestId) && holds(content)) return id;
    }
    return undefined;
  });

/** Whether anything on it could be pressed that is more than a link: such a button carries what it stands on. */
export const hasButtons = ({ blocks }: Pick<FakeMessage, 'blocks'>): boolean =>
  blocks.some((block) => block.type === 'actions' && JSON.stringify(block).includes('"value":'));

/** What a person says in Slack: presses the button, fills in the modal, sends it. */
export const decideInSlack = async (
  chat: Chat,
  name: Name,
  message: FakeMessage,
  decision: 'approve' | 'deny' = 'approve',
): Promise<AppReply> => chat.slack.submitView(await openInSlack(chat, name, message, decision), FILLED);

export const FILLED = { reason: 'Agreed with finance' };

export const openInSlack = async (
  { slack }: Chat,
  name: Name,
  message: FakeMessage,
  decision: 'approve' | 'deny' = 'approve',
): Promise<FakeView> => {
  const { status } = await slack.clickButton(message, `countersign_${decision}`, slackUser(name));
  const view = slack.viewOf(slackUser(name));
  if (status !== 200 || view === undefined) throw new Error(`No modal was opened for ${name}: ${status}.`);
  return view;
};

/** The signed call that a submission would be, held back: Slack signed it, and nobody has got it yet. */
export const heldBack = async (chat: Chat, view: FakeView, address: string): Promise<SignedCall> => {
  const held: SignedCall[] = [];
  chat.slack.interactTo(async (call) => {
    held.push(call);
    return { status: 503, body: '' };
  });
  await chat.slack.submitView(view, FILLED);
  chat.connect(address);
  const [call] = held;
  if (call === undefined) throw new Error('Nothing was sent.');
  return call;
};

export const payloadOf = ({ rawBody }: SignedCall): Record<string, unknown> =>
  JSON.parse(new URLSearchParams(rawBody.toString()).get('payload') ?? '{}') as Record<string, unknown>;

export const decideInTeams = (
  { teams }: Chat,
  name: Name,
  messageId: string,
  verb: 'approve' | 'deny' = 'approve',
): Promise<Shown> => teams.click({ person: PEOPLE[name], messageId, verb, inputs: FILLED });

/** As it came over HTTP, without whoever would have sent it. */
export const deliver = async (url: string, { headers, rawBody }: SignedCall): Promise<number> => {
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(rawBody) });
  await answer.arrayBuffer();
  return answer.status;
};

export interface Answered {
  readonly user: string;
  readonly outcome: string;
  readonly result: string;
}

/** What came of the clicks on a request, by the log; only of those that were answered. */
export const answersTo = (log: LogFile, requestId: string): readonly Answered[] => {
  const events = log.events().filter(({ data }) => data['requestId'] === requestId);
  return events.flatMap(({ type, stream, data }) => {
    if (type !== 'InteractionReceived') return [];
    const answer = events.find((event) => event.stream === stream && event.type === 'InteractionAnswered');
    if (answer === undefined) return [];
    const { user } = data['identity'] as { readonly user: string };
    const { outcome, result } = answer.data as { readonly outcome: string; readonly result: string };
    return [{ user, outcome, result }];
  });
};

export const decisionsOn = (log: LogFile, requestId: string): readonly Readonly<Record<string, unknown>>[] =>
  log
    .stream(`review-${requestId}`)
    .filter(({ type }) => type === 'DecisionRecorded')
    .map(({ data }) => data);
