/** What the shared server has, from the lock that it is installed from. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const PINNED = /^([A-Za-z0-9._-]+)==([^\s;\\]+)/;

/** The lock itself: exact versions with hashes. */
export function readServerLock(): string {
  return readFileSync(join(import.meta.dirname, "server-requirements.txt"), "utf8");
}

/** Distribution name, in lower case with dashes → version. */
export function readServerVersions(): Readonly<Record<string, string>> {
  const lock = readServerLock();
  const versions: Record<string, string> = {};
  for (const line of lock.split("\n")) {
    const [, name, version] = PINNED.exec(line) ?? [];
    if (name !== undefined && version !== undefined) {
      versions[name.toLowerCase().replaceAll(/[-_.]+/g, "-")] = version;
    }
  }
  return versions;
}
