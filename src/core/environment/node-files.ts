/** package.json and the lock of npm. */
import { canonicalJson, isTable, parseJson, tableOf, textOf } from "./documents.ts";
import { digestOfList } from "./digests.ts";
import type { NodeStep } from "./plan.ts";
import { contentHash, type KeyInput, note, present, type Reading } from "./reading.ts";
import { quote } from "./requirement.ts";
import { invalid, meaningfulLines } from "./requirement-lines.ts";

export interface NodeFiles {
  readonly step: NodeStep;
  readonly input: KeyInput;
}

const LOCKS = ["package-lock.json", "npm-shrinkwrap.json"] as const;
const DEPENDENCIES = ["dependencies", "devDependencies", "optionalDependencies"] as const;
const SAYS = [...DEPENDENCIES, "peerDependencies", "overrides", "workspaces", "bundleDependencies"];
/** npm runs them when it installs. */
const SCRIPTS = [
  "preinstall",
  "install",
  "postinstall",
  "prepublish",
  "preprepare",
  "prepare",
  "postprepare",
];
const RANGE = /^[0-9A-Za-z.*<>=^~| +-]{1,100}$/;

/** It is installed where it has a lock of npm: then it is meant to be. */
export function hasNodeLock(reading: Reading): boolean {
  const isThere = present(reading, "package.json") !== null;
  return isThere && LOCKS.some((name) => present(reading, name) !== null);
}

/**
 * Without a lock it is used only if nothing else decides (`isAlone`): beside other files it mostly is
 * there for the tools of the repository's own developers. Throws `config-invalid`.
 */
export function readNodeFiles(reading: Reading, isAlone: boolean): NodeFiles | null {
  const path = present(reading, "package.json");
  if (path === null) return null;
  const lock = LOCKS.map((name) => present(reading, name)).find((one) => one !== null);
  if (lock === undefined && !isAlone) {
    const hint = "with a package-lock.json it would be installed";
    note(reading, path, "ignored", `other files decide, as in repo2docker; ${hint}`);
    return null;
  }
  const root = parseJson(path, reading.tree.read(path) ?? "");
  const wrong = DEPENDENCIES.find((key) => root[key] !== undefined && !isTable(root[key]));
  if (wrong !== undefined) throw invalid({ file: path, line: 1 }, `${wrong} must be an object`);
  const names = DEPENDENCIES.flatMap((key) => Object.keys(tableOf(root[key])));
  if (names.length === 0 && root["workspaces"] === undefined) {
    note(reading, path, "ignored", "it names no package to install");
    return null;
  }
  const scripts = tableOf(root["scripts"]);
  const own = SCRIPTS.filter((name) => scripts[name] !== undefined);
  const texts = DEPENDENCIES.flatMap((key) => Object.values(tableOf(root[key])));
  const isLocal = texts.some(
    (one) => typeof one === "string" && /^(?:file:|link:|\.|\/|~)/.test(one),
  );
  const hasCode = own.length > 0 || isLocal || root["workspaces"] !== undefined;
  note(reading, path, "used", "npm installs what it depends on");
  if (lock !== undefined) note(reading, lock, "used", "it says exactly what npm installs");
  reading.differs.push(`repo2docker does not read ${path}.`);
  const version = nodeVersion(reading, textOf(tableOf(root["engines"])["node"]));
  const command = lock === undefined ? "install" : "ci";
  const says = [...SAYS.map((key) => root[key] ?? null), ...own.map((name) => scripts[name])];
  const digest = digestOfList([
    canonicalJson(says),
    lock === undefined ? "" : contentHash(reading, lock),
  ]);
  return {
    step: {
      ...{ kind: "node", command, directory: reading.directory, asOf: reading.asOf },
      version: version.range,
      files: [
        path,
        ...(lock === undefined ? [] : [lock]),
        ...version.files,
        ...(hasCode ? ["."] : []),
      ],
    },
    input: { name: "JavaScript packages", value: `${digest} for Node ${version.range ?? "any"}` },
  };
}

/** `engines.node`, or what version managers read. */
function nodeVersion(
  reading: Reading,
  engines: string | null,
): { readonly range: string | null; readonly files: readonly string[] } {
  for (const name of [".nvmrc", ".node-version"]) {
    const path = present(reading, name);
    if (path === null) continue;
    const words = meaningfulLines(reading.tree.read(path) ?? "")[0]?.words.replace(/^v(?=\d)/, "");
    if (words === undefined || !/^\d+(?:\.\d+){0,2}$/.test(words)) {
      note(reading, path, "ignored", "it is no version of Node");
      continue;
    }
    note(reading, path, "used", "it says which Node");
    return { range: words, files: [path] };
  }
  if (engines === null || engines.trim() === "*") return { range: null, files: [] };
  if (!RANGE.test(engines.trim())) {
    const file = present(reading, "package.json") ?? "package.json";
    throw invalid({ file, line: 1 }, `${quote(engines)} is not a range of versions of Node`);
  }
  return { range: engines.trim(), files: [] };
}
