/** The repository as a person typed it: folders are found from where the person stands. */
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError } from "#core/errors.ts";
import { parseRepo } from "#core/repo/parse-repo.ts";

export interface WhereTyped {
  readonly workingDirectory: string;
  readonly home: string | undefined;
}

export interface TypedRepo {
  /** What `parseRepo` understands. */
  readonly address: string;
  /** What the address of a page names inside the repository. */
  readonly path: string | null;
}

/** Errors: those of `parseRepo`. */
export function readRepo(typed: string, where: WhereTyped): TypedRepo {
  const text = typed.trim();
  const folder = folderOf(text, where);
  const address = folder ?? text;
  const parsed = parseRepo(address);
  if (parsed.kind === "parsed") return { address, path: parsed.repo.path ?? null };
  // `examples/plots` is a folder when it is there, since it is no address.
  const here = resolve(where.workingDirectory, text);
  if (folder === null && text !== "" && isFolder(here)) return { address: here, path: null };
  const { code, message, detail } = parsed.failure;
  throw new AppError(code, message, detail === undefined ? {} : { detail });
}

/** Null when the text does not look like a folder. */
function folderOf(text: string, { workingDirectory, home }: WhereTyped): string | null {
  if (text === "~" || text.startsWith("~/")) return home ? join(home, text.slice(1)) : null;
  const isRelative = text === "." || text === ".." || /^\.\.?\//.test(text);
  return isRelative || text.startsWith("/") ? resolve(workingDirectory, text) : null;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
