/** A command in words. */
import type { OperatorCommand } from "#core/operations/command.ts";

/** `quarantine-node n-3`, `set-nodes-max nodesMax 20`. */
export function commandText(command: OperatorCommand): string {
  const words = Object.entries(command)
    .filter(([name]) => name !== "kind")
    .flatMap(([name, value]) => wordsOf(name, value));
  return [command.kind, ...words].join(" ");
}

function wordsOf(name: string, value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "boolean") return value ? [name] : [];
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${name} ${value.join(",")}`];
  return [`${name} ${String(value)}`];
}
