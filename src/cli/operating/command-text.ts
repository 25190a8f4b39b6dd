/** A command in the words in which it is given. */
import { formatDuration } from "#base/units.ts";
import type { OperatorCommand } from "#core/operations/command.ts";

/** `quarantine-node node-3`. */
export function commandText(command: OperatorCommand): string {
  const { kind, ...rest } = command;
  const words = Object.entries(rest).map(([name, value]: [string, unknown]) => word(name, value));
  return [kind, ...words.filter((text) => text !== "")].join(" ");
}

function word(name: string, value: unknown): string {
  if (typeof value === "boolean") return value ? name.replace(/^is/, "").toLowerCase() : "";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map((one) => `not on ${String(one)}`).join(" ");
  if (typeof value !== "number") return "";
  if (name === "idleMs") return formatDuration(value);
  return name.endsWith("Ms") ? `${name.slice(0, -2)} ${new Date(value).toISOString()}` : `${value}`;
}
