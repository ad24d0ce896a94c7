/** A workspace of Slack's, with the one app that is installed in it. */
export interface FakeTeam {
  /** `T…` */
  readonly id: string;
  /** `E…`: the Enterprise Grid organisation it belongs to. */
  readonly enterpriseId?: string;
  /** `xoxb-…` */
  readonly botToken: string;
  readonly scopes: readonly string[];
  /** `B…` and `U…` of the app's bot. */
  readonly botId: string;
  readonly botUserId: string;
  readonly signingSecret: string;
  /** `xapp-…`: clicks come through Socket Mode. */
  readonly appToken?: string;
}

export type UserKind =
  'normal' | 'deleted' | 'bot' | 'restricted' | 'ultra-restricted' | 'stranger' | 'workflow-bot';

export interface FakeUser {
  /** `U…` or `W…` */
  readonly id: string;
  /** Whose member it is; somebody of another team is seen through a shared channel. */
  readonly team: string;
  readonly kind?: UserKind;
  readonly enterprise?: { readonly id: string; readonly teams: readonly string[] };
}

export interface FakeChannel {
  /** `C…`, `G…` or `D…` */
  readonly id: string;
  readonly team: string;
  readonly isPrivate?: boolean;
  readonly isExtShared?: boolean;
  readonly isPendingExtShared?: boolean;
  readonly isOrgShared?: boolean;
  readonly isArchived?: boolean;
  /** Users; the bot is one by default. */
  readonly members: readonly string[];
}

export interface FakeMetadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

export interface FakeMessage {
  readonly channel: string;
  /** `1763600000.000100`: when it was posted, and its name within the channel. */
  readonly ts: string;
  readonly team: string;
  readonly botId: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly metadata?: FakeMetadata;
  /** Of a reply: the message whose thread it stands in. */
  readonly threadTs?: string;
  /** How often it was changed. */
  readonly edits: number;
}

/** Shown to one person, and gone when they look again. */
export interface FakeEphemeral {
  readonly channel: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

export type Block = Readonly<Record<string, unknown>> & { readonly type: string };

export interface ViewPayload {
  readonly type: 'modal';
  readonly title: { readonly type: 'plain_text'; readonly text: string };
  readonly blocks: readonly Block[];
  readonly submit?: { readonly type: 'plain_text'; readonly text: string } | undefined;
  readonly close?: { readonly type: 'plain_text'; readonly text: string } | undefined;
  readonly private_metadata?: string | undefined;
  readonly callback_id?: string | undefined;
  readonly notify_on_close?: boolean | undefined;
  readonly clear_on_close?: boolean | undefined;
  readonly external_id?: string | undefined;
}

export interface FakeView {
  readonly id: string;
  readonly rootViewId: string;
  readonly hash: string;
  readonly team: string;
  readonly user: string;
  readonly payload: ViewPayload;
}
