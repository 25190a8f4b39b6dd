/** setup.cfg: what setuptools reads of it, as far as it says what to install. */
import type { PlanSource } from "./plan.ts";
import { requiresPython, type PythonWish } from "./python-version.ts";
import type { RepoTree } from "./repo-tree.ts";
import { readRequirementItems, type Wanted } from "./requirements-files.ts";

export interface SetupConfig {
  readonly wanted: Wanted;
  readonly requiresPython: PythonWish | null;
}

/** Null where it says nothing of packages. Throws `config-invalid`. */
export function readSetupConfig(tree: RepoTree, file: string): SetupConfig | null {
  const options = section(tree.read(file) ?? "", "options");
  if (options === null) return null;
  const items = (options.get("install_requires") ?? []).filter(
    ({ words }) => words !== "" && !/^(?:file|attr):/.test(words),
  );
  const python = options.get("python_requires")?.[0];
  return {
    wanted: readRequirementItems(tree, file, items),
    requiresPython: python === undefined ? null : requiresPython(file, python.line, python.words),
  };
}

type Lines = readonly { readonly line: PlanSource["line"]; readonly words: string }[];

/** Values of one section by key, one entry a line; null when the section is not there. */
function section(text: string, wanted: string): ReadonlyMap<string, Lines> | null {
  const found = new Map<string, { line: number; words: string }[]>();
  let isInside = false;
  let wasSeen = false;
  let current: { line: number; words: string }[] | null = null;
  for (const [index, written] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1;
    if (/^\s*[#;]/.test(written) || written.trim() === "") continue;
    const header = /^\[([^\]]*)\]/.exec(written);
    const pair = /^([A-Za-z0-9_.-]+)\s*[=:]\s*(.*)$/.exec(written);
    if (header !== null) {
      isInside = header[1]?.trim() === wanted;
      wasSeen ||= isInside;
      current = null;
    } else if (!isInside) continue;
    else if (/^\s/.test(written)) current?.push({ line, words: written.trim() });
    else if (pair !== null) {
      const words = pair[2] ?? "";
      current = words === "" ? [] : [{ line, words: words.trim() }];
      found.set((pair[1] ?? "").replaceAll("-", "_"), current);
    }
  }
  return wasSeen ? found : null;
}
