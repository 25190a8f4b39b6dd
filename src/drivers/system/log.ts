/** The operator's log as JSON lines on standard error. */
import { destination, pino } from "pino";
import type { Log } from "#ports/log.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** `part` names the process: gateway, control, supervisor. */
export function createLog(part: string, level: LogLevel): Log {
  const logger = pino(
    {
      level,
      base: { part },
      timestamp: () => `,"at":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      messageKey: "message",
      serializers: { error: pino.stdSerializers.err },
      redact: ["token", "*.token", "authorization", "*.authorization"],
    },
    destination({ fd: 2, sync: true }),
  );
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}
