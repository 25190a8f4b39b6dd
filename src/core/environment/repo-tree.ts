/** A commit as a tree to look into: symbolic links are followed, and nothing outside is reachable. */
import { AppError } from "../errors.ts";
import type { RepoFile, RepoSnapshot } from "../repo/repo.ts";
import { hasControlCharacters } from "./requirement.ts";

const SYMLINK_HOPS_MAX = 40;

export type TreeEntry =
  /** `path` is where the file really lies, after following links. */
  | { readonly kind: "file"; readonly path: string; readonly file: RepoFile }
  /** Of a submodule, or of what lies in one, nothing more is known than that it may be there. */
  | { readonly kind: "directory"; readonly path: string; readonly isSubmodule: boolean }
  | { readonly kind: "missing" }
  /** A link that leaves the repository, or goes in circles. */
  | { readonly kind: "outside" };

export interface RepoTree {
  readonly files: readonly RepoFile[];
  lookup(path: string): TreeEntry;
  /** Text of a file, without byte-order mark; null when there is none. Throws `config-invalid`. */
  read(path: string): string | null;
  /** Names of what lies directly in a directory; "" is the root. */
  names(directory: string): readonly string[];
  /** Paths whose contents were asked for and are not in the snapshot. */
  readonly wanted: ReadonlySet<string>;
}

/** Opens the tree; a file of more than `maxFileBytes` is refused instead of read. */
export function openTree(snapshot: RepoSnapshot, maxFileBytes: number): RepoTree {
  const children = childrenByDirectory(snapshot.files);
  const inside: Inside = {
    byPath: new Map(snapshot.files.map((file) => [file.path, file])),
    children,
    contents: snapshot.contents,
    links: snapshot.links ?? new Map(),
    wanted: new Set<string>(),
    maxFileBytes,
    isPlain: snapshot.files.every(({ kind }) => kind !== "symlink" && kind !== "submodule"),
  };
  return {
    files: snapshot.files,
    lookup: (path) => lookup(inside, path),
    read: (path) => read(inside, path),
    names: (directory) => [...(children.get(directory) ?? [])],
    wanted: inside.wanted,
  };
}

interface Inside {
  readonly byPath: ReadonlyMap<string, RepoFile>;
  readonly children: ReadonlyMap<string, ReadonlySet<string>>;
  readonly contents: RepoSnapshot["contents"];
  readonly links: ReadonlyMap<string, string>;
  readonly wanted: Set<string>;
  readonly maxFileBytes: number;
  /** Neither links nor submodules: a path means what it says. */
  readonly isPlain: boolean;
}

/** Parts that are more than names: nothing, the same directory, the one above. */
const UNUSUAL_PART = /(?:^|\/)\.{0,2}(?:\/|$)/;

function lookup(inside: Inside, path: string): TreeEntry {
  const { byPath, children } = inside;
  if (inside.isPlain && !UNUSUAL_PART.test(path)) {
    const file = byPath.get(path);
    if (file !== undefined) return { kind: "file", path, file };
    if (children.has(path)) return { kind: "directory", path, isSubmodule: false };
    return { kind: "missing" };
  }
  let hops = 0;
  const todo = path.split("/").reverse();
  const at: string[] = [];
  while (todo.length > 0) {
    const name = todo.pop() as string;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at.pop() === undefined) return { kind: "outside" };
      continue;
    }
    const here = [...at, name].join("/");
    const entry = byPath.get(here);
    if (entry?.kind === "symlink") {
      hops += 1;
      const target = inside.links.get(here);
      if (target === undefined) return { kind: "missing" };
      if (target.startsWith("/") || hops > SYMLINK_HOPS_MAX) return { kind: "outside" };
      todo.push(...target.split("/").reverse());
      continue;
    }
    const isSubmodule = entry?.kind === "submodule" && children.get(here)?.size === 0;
    if (isSubmodule) return { kind: "directory", path: here, isSubmodule };
    if (entry === undefined && !children.has(here)) return { kind: "missing" };
    at.push(name);
  }
  const found = at.join("/");
  const file = byPath.get(found);
  return file === undefined || file.kind === "submodule"
    ? { kind: "directory", path: found, isSubmodule: false }
    : { kind: "file", path: found, file };
}

function read(inside: Inside, path: string): string | null {
  const entry = lookup(inside, path);
  switch (entry.kind) {
    case "missing":
      return null;
    case "outside":
      throw invalid(path, "is a link that leads out of the repository");
    case "directory":
      throw invalid(path, "is a directory, where a file is expected");
    case "file":
      break;
  }
  if (entry.file.sizeBytes > inside.maxFileBytes) {
    throw invalid(path, `has ${entry.file.sizeBytes} bytes; the limit is ${inside.maxFileBytes}`);
  }
  const { contents } = inside;
  const text = contents.has(entry.path) ? contents.get(entry.path) : contents.get(path);
  if (text === undefined) {
    inside.wanted.add(entry.path);
    return "";
  }
  if (text === null) {
    throw invalid(path, "is not UTF-8 text (PowerShell's `>` writes UTF-16: save it as UTF-8)");
  }
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function invalid(file: string, because: string): AppError {
  return new AppError("config-invalid", `${file} ${because}.`, { detail: { file } });
}

function childrenByDirectory(files: readonly RepoFile[]): Map<string, Set<string>> {
  const children = new Map<string, Set<string>>([["", new Set()]]);
  for (const { path, kind } of files) {
    if (kind === "submodule" && !children.has(path)) children.set(path, new Set());
    let rest = path;
    for (;;) {
      const slash = rest.lastIndexOf("/");
      const parent = slash < 0 ? "" : rest.slice(0, slash);
      const known = children.get(parent);
      const name = rest.slice(slash + 1);
      if (known === undefined) children.set(parent, new Set([name]));
      else known.add(name);
      if (slash < 0 || known !== undefined) break;
      rest = parent;
    }
  }
  return children;
}

/**
 * `join("a/b", "../c")` → `"a/c"`; null when the result lies outside, or is no path that may be handed
 * on as one line. `base` "" is the root.
 */
export function joinInside(base: string, path: string): string | null {
  if (path.startsWith("/") || hasControlCharacters(path)) return null;
  const at: string[] = [];
  for (const part of `${base}/${path}`.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") at.push(part);
    else if (at.pop() === undefined) return null;
  }
  return at.join("/");
}

/** `"a/b.txt"` → `"a"`, `"b.txt"` → `""`. */
export function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
