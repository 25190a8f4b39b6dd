/** Holds a drill's values against the shape, and says in plain words what does not fit. */
import type { TSchema } from "@sinclair/typebox";
import { type ValueError, ValueErrorType, Value } from "@sinclair/typebox/value";
import { closest } from "#base/closest.ts";
import { nameOf, shown } from "./reader.ts";
import { type DrillPath, isBlock } from "./drill-source.ts";
import { DRILL, type RawDrill } from "./schema.ts";

export function isOfShape(value: unknown): value is RawDrill {
  return Value.Check(DRILL, value);
}

/** One complaint for each place. */
export function shapeComplaints(
  value: unknown,
): readonly { readonly path: DrillPath; readonly message: string }[] {
  const seen = new Set<string>();
  const found: { readonly path: DrillPath; readonly message: string }[] = [];
  for (const error of Value.Errors(DRILL, value)) {
    if (seen.has(error.path)) continue;
    seen.add(error.path);
    const path = error.path.split("/").slice(1).map(partOf);
    found.push({ path, message: messageOf(error, path) });
  }
  return found;
}

function messageOf(error: ValueError, path: DrillPath): string {
  const name = nameOf(path);
  const last = String(path.at(-1) ?? "");
  if (error.type === ValueErrorType.ObjectRequiredProperty) {
    const meaning = describedAs(error.schema);
    return `${name} is missing${meaning === null ? "." : `: ${meaning}`}`;
  }
  if (error.type === ValueErrorType.ObjectAdditionalProperties) {
    const meant = closest(last, keysOf(error.schema));
    return `${name} is not known here.${meant === null ? ` Known are: ${keysOf(error.schema).join(", ")}.` : ` Did you mean ${meant}?`}`;
  }
  const says: unknown = error.schema["says"];
  const instead = typeof says === "string" ? says : "something else";
  return `${name} should be ${instead}, not ${shown(error.value)}.`;
}

function describedAs(schema: TSchema): string | null {
  return typeof schema.description === "string" ? schema.description : null;
}

function keysOf(schema: TSchema): readonly string[] {
  const properties: unknown = schema["properties"];
  return isBlock(properties) ? Object.keys(properties) : [];
}

/** A part of a JSON pointer; numbers are places in lists. */
function partOf(part: string): string | number {
  const plain = part.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(plain) ? Number(plain) : plain;
}
