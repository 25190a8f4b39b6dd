/** default.nix and flake.nix: environments by Nix. */
import type { NixStep } from "./plan.ts";
import { contentHash, type KeyInput, note, present, type Reading } from "./reading.ts";

export interface NixFiles {
  readonly step: NixStep;
  readonly input: KeyInput;
}

/** What can lead an expression to other files of the repository. */
const OTHER_FILES = /\.\/|\/\.|readFile|readDir|filterSource|toPath|getEnv|fetchGit|builtins\.path/;

/** repo2docker's; null when there is none. */
export function readDefaultNix(reading: Reading): NixFiles | null {
  const path = present(reading, "default.nix");
  if (path === null) return null;
  note(reading, path, "used", "it describes a Nix environment");
  const isAlone = !OTHER_FILES.test(reading.tree.read(path) ?? "");
  return {
    step: {
      ...{ kind: "nix", format: "default.nix", path, lock: null },
      files: isAlone ? [path] : [path, "."],
    },
    input: { name: "Nix", value: contentHash(reading, path) },
  };
}

/** A flake sees the whole repository. Null when there is none. */
export function readFlake(reading: Reading): NixFiles | null {
  const path = present(reading, "flake.nix");
  if (path === null) return null;
  note(reading, path, "used", "it describes a Nix environment");
  const lock = present(reading, "flake.lock");
  if (lock !== null) note(reading, lock, "used", "it says exactly what the flake is made of");
  reading.differs.push(`repo2docker does not read ${path} and would build a bare Python.`);
  const files = [path, ...(lock === null ? [] : [lock]), "."];
  const locked = lock === null ? "no lock" : contentHash(reading, lock);
  return {
    step: { kind: "nix", format: "flake.nix", path, lock, files },
    input: { name: "Nix", value: `${contentHash(reading, path)}, ${locked}` },
  };
}
