/** What was done to the world, in words. */
import { FAULT_VERBS } from "../faults/verbs.ts";
import type { ArgumentSpec, ArgumentValue } from "./argument.ts";
import { quantityText } from "./judged-text.ts";
import type { FaultRecord } from "./measure.ts";

/** `node.podNet n-3 (for 5 min): Pods on the node are not reached and reach nothing.` */
export function faultText({ verb, what, values }: FaultRecord): string {
  const known = FAULT_VERBS[verb];
  const said = Object.entries(known?.arguments ?? {}).flatMap(([name, spec]) => {
    const value = values[name];
    const isPlain = value === undefined || isSame(value, spec.default);
    return isPlain || name === "node" ? [] : [`${name} ${valueText(value, spec)}`];
  });
  const details = said.length === 0 ? "" : ` (${said.join(", ")})`;
  const meaning = known === undefined ? "" : `: ${known.meaning.replace("; not a fault", "")}`;
  return `${what}${details}${meaning}`;
}

function isSame(value: ArgumentValue, standard: ArgumentValue | undefined): boolean {
  return standard !== undefined && String(value) === String(standard);
}

function valueText(value: ArgumentValue, { type }: ArgumentSpec): string {
  if (typeof value === "number" && (type === "duration" || type === "share" || type === "size")) {
    return quantityText(value, type);
  }
  if (typeof value === "number") return type === "rate" ? `${value}/h` : String(value);
  return typeof value === "object" ? value.join(", ") : String(value);
}
