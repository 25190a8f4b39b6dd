/** What must hold in a drill, and the runs that must fail. */
import { PROTECTIONS } from "#core/protections.ts";
import { type Ablation, COMMON_CRITERIA, type Criterion } from "./drill.ts";
import type { DrillPath } from "./drill-source.ts";
import type { MeasureUnit } from "./measure.ts";
import { MEASURES } from "./measures.ts";
import { parseDuration, parseShare, parseSize } from "./quantities.ts";
import { readPolicy } from "./read-policy.ts";
import { readWorld, worldOver } from "./read-world.ts";
import type { Reader } from "./reader.ts";
import type { RawAblation, RawCriterion } from "./schema.ts";
import type { RawWorld } from "./schema-world.ts";

const WANTED: Readonly<Record<MeasureUnit, string>> = {
  duration: "a duration such as 60s",
  share: "a share such as 99.5%",
  count: "a number",
  size: "a size such as 4GiB",
  number: "a number, a share, a duration or a size",
};

export function readCriterion(raw: RawCriterion, path: DrillPath, reader: Reader): Criterion {
  const measure = MEASURES[raw.measure];
  const criterion = { name: raw.name ?? raw.measure, measure: raw.measure, of: {} };
  const none = { ...criterion, atLeast: null, atMost: null, isNever: false };
  if (measure === undefined) {
    reader.unknown([...path, "measure"], "The measure", raw.measure, Object.keys(MEASURES));
    return none;
  }
  const of = reader.arguments([...path, "of"], raw.measure, measure.arguments, raw.of ?? {});
  const given = [raw.atLeast, raw.atMost, raw.is].filter((limit) => limit !== undefined);
  if (given.length === 0)
    reader.complain(path, `"${criterion.name}" has no limit: give atLeast, atMost or is.`);
  if (raw.is !== undefined && given.length > 1)
    reader.complain(path, `"${criterion.name}": \`is\` stands alone.`);
  if (raw.is === "never") return { ...none, of, isNever: true };
  const limit = (key: "atLeast" | "atMost" | "is") =>
    readLimit(raw[key], measure.unit, [...path, key], reader);
  const exact = limit("is");
  return { ...none, of, atLeast: exact ?? limit("atLeast"), atMost: exact ?? limit("atMost") };
}

function readLimit(
  value: string | number | undefined,
  unit: MeasureUnit,
  path: DrillPath,
  reader: Reader,
): number | null {
  if (value === undefined) return null;
  return limitOf(value, unit) ?? reader.wrong(path, WANTED[unit], value, null);
}

function limitOf(value: string | number, unit: MeasureUnit): number | null {
  if (typeof value === "number") return unit === "count" || unit === "number" ? value : null;
  switch (unit) {
    case "duration":
      return parseDuration(value);
    case "share":
      return parseShare(value);
    case "size":
      return parseSize(value);
    case "count":
      return null;
    case "number":
      return parseDuration(value) ?? parseShare(value) ?? parseSize(value);
  }
}

export function readAblation(
  raw: RawAblation,
  path: DrillPath,
  of: { readonly criteria: readonly string[]; readonly world: RawWorld | undefined },
  reader: Reader,
): Ablation {
  const { criteria } = of;
  for (const [index, name] of (raw.fails ?? []).entries()) {
    if (!criteria.includes(name))
      reader.unknown([...path, "fails", index], "The criterion", name, criteria);
  }
  return {
    name: raw.name,
    without: readWithout(raw, path, reader),
    policy: raw.policy === undefined ? {} : readPolicy(raw.policy, [...path, "policy"], reader),
    world: raw.world === undefined ? null : readWorld(worldOver(of.world, raw.world), reader),
    fails: raw.fails ?? [],
    shows: (raw.shows ?? []).map((each, index) =>
      readCriterion(each, [...path, "shows", index], reader),
    ),
  };
}

/** The names that an ablation's `fails` may have. */
export function criterionNames(
  must: readonly Criterion[],
  except: Readonly<Record<string, unknown>>,
): readonly string[] {
  return [
    ...COMMON_CRITERIA.filter((letter) => except[letter] === undefined),
    ...must.map(({ name }) => name),
  ];
}

function readWithout(raw: RawAblation, path: DrillPath, reader: Reader): readonly string[] {
  const known = Object.keys(PROTECTIONS);
  const given = raw.without ?? [];
  const keeps = raw.keeps ?? [];
  const check = (names: readonly string[], key: string) => {
    for (const [index, name] of names.entries()) {
      if (!known.includes(name))
        reader.unknown([...path, key, index], "The protection", name, known);
    }
  };
  check(keeps, "keeps");
  if (given === "all") return known.filter((name) => !keeps.includes(name));
  check(given, "without");
  if (keeps.length > 0) reader.complain([...path, "keeps"], "`keeps` goes with `without: all`.");
  const isSame =
    given.length === 0 &&
    Object.keys(raw.policy ?? {}).length === 0 &&
    Object.keys(raw.world ?? {}).length === 0;
  if (isSame) reader.complain(path, `The ablation "${raw.name}" leaves nothing out.`);
  return given;
}
