/** Members of a log line beside its message. Secrets are struck out by name and by shape. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured lines, one JSON object each, with the trace and span in hand. An Error belongs in the member
 * `error`. Logging never throws.
 */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}

const nothing = (): void => undefined;

/** For tests and for libraries that must be given one. */
export const SILENT_LOGGER: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => SILENT_LOGGER,
};
