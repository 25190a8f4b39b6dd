/** From a drill's text to its value, or to everything that is wrong with it. */
import { FAULT_VERBS } from "../faults/verbs.ts";
import { isOfShape, shapeComplaints } from "./check-shape.ts";
import type { CommonCriterion, Drill, DrillEvent } from "./drill.ts";
import { type Complaint, type DrillPath, type DrillSource, readSource } from "./drill-source.ts";
import { parseStart } from "./quantities.ts";
import { criterionNames, readAblation, readCriterion } from "./read-criteria.ts";
import { readArrivals } from "./read-people.ts";
import { readPolicy } from "./read-policy.ts";
import { readWorld } from "./read-world.ts";
import { Reader } from "./reader.ts";
import type { RawDrill, RawEvent } from "./schema.ts";

export type ParsedDrill =
  | { readonly kind: "drill"; readonly drill: Drill }
  | { readonly kind: "invalid"; readonly complaints: readonly Complaint[] };

export interface DrillText {
  /** The file's name without its folder and `.yaml`. */
  readonly name: string;
  readonly text: string;
}

/** `textOf` gives the text of another drill, for `basedOn`; null when there is none. */
export function parseDrill(
  { name, text }: DrillText,
  textOf: (name: string) => string | null,
): ParsedDrill {
  const own = readSource(`${name}.yaml`, text);
  if (own.raw === null) return invalid(own.complaints);
  const base = readBase(own, textOf);
  if (base !== null && base.raw === null) return invalid(base.complaints);
  const raw = { ...base?.raw, ...own.raw };
  const complaints: Complaint[] = [];
  const complain = (path: DrillPath, message: string) => {
    const isOwn = base === null || path[0] === undefined || Object.hasOwn(own.raw ?? {}, path[0]);
    const source = isOwn ? own : base;
    complaints.push({ file: source.file, line: source.lineOf(path), message });
  };
  for (const each of shapeComplaints(raw)) complain(each.path, each.message);
  if (complaints.length > 0 || !isOfShape(raw)) return invalid(complaints);
  if (raw.drill !== name) {
    complain(["drill"], `drill is "${raw.drill}", but the file is called ${name}.yaml.`);
  }
  const lineOf = (path: DrillPath) => own.lineOf(path);
  const drill = readDrill(raw, new Reader(complain), lineOf);
  return complaints.length > 0 ? invalid(complaints) : { kind: "drill", drill };
}

function invalid(complaints: readonly Complaint[]): ParsedDrill {
  return { kind: "invalid", complaints: complaints.toSorted((a, b) => a.line - b.line) };
}

/** The drill under it, with its complaints when it cannot be had; null when there is none. */
function readBase(own: DrillSource, textOf: (name: string) => string | null): DrillSource | null {
  const name = own.raw?.["basedOn"];
  if (typeof name !== "string") return null;
  const line = own.lineOf(["basedOn"]);
  const without = (message: string): DrillSource => ({
    ...own,
    raw: null,
    complaints: [{ file: own.file, line, message }],
  });
  const text = textOf(name);
  if (text === null)
    return without(`There is no drill "${name}" on which this one could be based.`);
  const base = readSource(`${name}.yaml`, text);
  if (base.raw?.["basedOn"] !== undefined) {
    return without(`"${name}" is itself based on another drill; base this one on that.`);
  }
  return base;
}

function readDrill(raw: RawDrill, reader: Reader, lineOf: (path: DrillPath) => number): Drill {
  const lastsMs = reader.duration(["lasts"], raw.lasts, 0);
  const must = (raw.must ?? []).map((each, index) => readCriterion(each, ["must", index], reader));
  const except: Partial<Record<CommonCriterion, string>> = raw.except ?? {};
  const names = criterionNames(must, except);
  const twice = must.find(
    ({ name }, index) => must.findIndex((each) => each.name === name) !== index,
  );
  if (twice !== undefined) reader.complain(["must"], `Two criteria are called "${twice.name}".`);
  return {
    name: raw.drill,
    title: raw.title,
    incident: raw.incident,
    story: raw.story.trim(),
    simulatedOnly: raw.simulatedOnly ?? [],
    starts:
      parseStart(raw.starts) ??
      reader.wrong(["starts"], "a date such as 2018-01-17T18:00:00-08:00", raw.starts, {
        atMs: 0,
        zoneMs: 0,
      }),
    lastsMs,
    world: readWorld(raw.world, reader),
    policy: readPolicy(raw.policy ?? {}, ["policy"], reader),
    arrivals: (raw.people?.arrivals ?? []).map((each, index) =>
      readArrivals(each, ["people", "arrivals", index], reader),
    ),
    events: (raw.events ?? [])
      .map((each, index) => readEvent(each, ["events", index], { lastsMs, lineOf, reader }))
      .toSorted((a, b) => a.atMs - b.atMs),
    must,
    except,
    ablations: (raw.ablations ?? []).map((each, index) =>
      readAblation(each, ["ablations", index], { criteria: names, world: raw.world }, reader),
    ),
  };
}

function readEvent(
  raw: RawEvent,
  path: DrillPath,
  {
    lastsMs,
    lineOf,
    reader,
  }: {
    readonly lastsMs: number;
    readonly lineOf: (path: DrillPath) => number;
    readonly reader: Reader;
  },
): DrillEvent {
  const atMs = reader.duration([...path, "at"], raw.at, 0);
  if (atMs > lastsMs)
    reader.complain(
      [...path, "at"],
      `${raw.fault} comes at ${raw.at}, after the end of the drill.`,
    );
  const verb = FAULT_VERBS[raw.fault];
  if (verb === undefined)
    reader.unknown([...path, "fault"], "The fault", raw.fault, Object.keys(FAULT_VERBS));
  const values = reader.arguments(
    [...path, "with"],
    raw.fault,
    verb?.arguments ?? {},
    verb === undefined ? {} : (raw.with ?? {}),
  );
  return { atMs, verb: raw.fault, values, line: lineOf(path) };
}
