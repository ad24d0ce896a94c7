import { LogLevel, type Logger } from '@slack/web-api';

const nothing = (): void => undefined;

/** Slack's clients print to the console by default. What they have to say comes as an error, too. */
export const QUIET: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
