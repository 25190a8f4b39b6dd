/** Policy values of a drill: by name, with units. */
import { DEFAULT_POLICY, type Policy } from "#core/policy.ts";
import type { DrillPath } from "./drill-source.ts";
import { parseDuration, parseShare, parseSize } from "./quantities.ts";
import type { Reader } from "./reader.ts";

export function readPolicy(
  raw: Readonly<Record<string, unknown>>,
  path: DrillPath,
  reader: Reader,
): Partial<Policy> {
  const defaults: Readonly<Record<string, unknown>> = DEFAULT_POLICY;
  const values: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(raw)) {
    const standard = defaults[name];
    if (standard === undefined) {
      reader.unknown([...path, name], "The policy value", name, Object.keys(defaults));
      continue;
    }
    const { value, wanted } = read(name, standard, given);
    if (value === null) reader.wrong([...path, name], wanted, given, null);
    else values[name] = value;
  }
  return values;
}

function read(
  name: string,
  standard: unknown,
  given: unknown,
): { readonly value: unknown; readonly wanted: string } {
  if (typeof standard === "boolean") {
    return { value: typeof given === "boolean" ? given : null, wanted: "true or false" };
  }
  if (typeof standard === "string") {
    return { value: typeof given === "string" ? given : null, wanted: "a text" };
  }
  if (given === "unlimited") return { value: Number.POSITIVE_INFINITY, wanted: "" };
  const text = typeof given === "string" ? given : "";
  if (name.endsWith("Ms")) {
    return { value: parseDuration(text), wanted: "a duration such as 90s or 45m, or unlimited" };
  }
  if (name.endsWith("Bytes")) {
    return { value: parseSize(text), wanted: "a size such as 4GiB, or unlimited" };
  }
  const value = typeof given === "number" ? given : parseShare(text);
  return { value, wanted: "a number, a share such as 20%, or unlimited" };
}
