/** What an app answers an interaction with. */
export interface AppReply {
  readonly status: number;
  readonly body: string;
}
