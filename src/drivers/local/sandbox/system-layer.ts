/** Debian packages laid over the machine's own system: where they lie, and what of it there is. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

export interface SystemLayer {
  /** Holds the parts. */
  readonly directory: string;
  /** Directories of it that a sandbox shows: `usr`, `etc`, `etc/fonts`, `var/lib`, `opt/rstudio` … */
  readonly parts: readonly string[];
  /**
   * Null: it is shown, read-only. Otherwise it is filled: all of the machine's `/usr`, `/etc` and `/var`
   * is seen below it, the command is root inside, and the kernel works in this directory of the same
   * file system.
   */
  readonly work: string | null;
}

/** What is written by programs that install packages. */
export const WRITTEN_PARTS = ["usr", "etc", "var", "opt"] as const;

/** The layer in this directory, to be shown; null when there is none. */
export function systemLayerAt(
  directory: string,
  etcDirectories: readonly string[],
): SystemLayer | null {
  if (!isDirectory(join(directory, "usr"))) return null;
  // Below /opt the machine may have what a sandbox shows too.
  const opt = isDirectory(join(directory, "opt")) ? readdirSync(join(directory, "opt")) : [];
  const parts = [
    ...["usr", "etc", "var/lib"],
    ...etcDirectories.map((path) => path.slice(1)),
    ...opt.map((name) => `opt/${name}`),
  ];
  return {
    directory,
    parts: parts.filter((part) => isDirectory(join(directory, part))),
    work: null,
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
