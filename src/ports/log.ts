/** The operator's log: structured, one line each, never a token. */

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  /** `fields.error` may hold the thrown value; its stack goes to the log, never to a person. */
  error(message: string, fields?: Record<string, unknown>): void;
}
