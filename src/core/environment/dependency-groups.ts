/** [dependency-groups] of a pyproject.toml (PEP 735), and which of them are installed by default. */
import { isTable, type Table, tableOf, textOf } from "./documents.ts";
import type { PlanSource } from "./plan.ts";
import { normalizeName, quote } from "./requirement.ts";
import { invalid } from "./requirement-lines.ts";

const DEPTH_MAX = 20;

/** As uv chooses: [tool.uv] default-groups, else `dev`; all where there is nothing but groups. */
export function defaultGroups(
  groups: unknown,
  { uv, isAlone }: { readonly uv: Table; readonly isAlone: boolean },
): readonly string[] {
  const names = Object.keys(tableOf(groups));
  const chosen = uv["default-groups"];
  if (chosen === "all") return names;
  const wanted = new Set(
    Array.isArray(chosen) ? chosen.map((name) => normalizeName(String(name))) : ["dev"],
  );
  const found = names.filter((name) => wanted.has(normalizeName(name)));
  return found.length === 0 && isAlone && !Array.isArray(chosen) ? names : found;
}

/** The requirement texts of the groups, with those that they include. Throws `config-invalid`. */
export function groupRequirements(
  groups: unknown,
  names: readonly string[],
  find: (needle: string) => PlanSource,
): readonly string[] {
  if (groups !== undefined && !isTable(groups)) {
    throw invalid(find("dependency-groups"), "[dependency-groups] must be a table");
  }
  const byName = new Map(
    Object.entries(tableOf(groups)).map(([name, list]) => [normalizeName(name), list]),
  );
  const texts: string[] = [];
  const done = new Set<string>();
  const take = (name: string, depth: number): void => {
    const list = byName.get(normalizeName(name));
    if (!Array.isArray(list))
      throw invalid(find(name), `${quote(name)} is not a group of packages`);
    if (done.has(name) || depth > DEPTH_MAX) return;
    done.add(name);
    for (const entry of list as readonly unknown[]) {
      const included = textOf(tableOf(entry)["include-group"]);
      if (typeof entry === "string") texts.push(entry);
      else if (included !== null) take(included, depth + 1);
      else throw invalid(find(name), `the group ${quote(name)} holds something else than packages`);
    }
  };
  for (const name of names) take(name, 0);
  return texts;
}
