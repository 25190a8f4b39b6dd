/** What becomes of the configuration files that nothing has read. */
import { OTHER_FILES, OWN_FILES } from "./other-files.ts";
import { note, present, type Reading, unusable } from "./reading.ts";

/**
 * Notes the others as ignored. Throws `config-unsupported` for one without which nothing would say
 * what to install (`isComplete` is false).
 */
export function noteOtherFiles(reading: Reading, isComplete: boolean): void {
  for (const { name, rule, because } of OTHER_FILES) {
    const path = present(reading, name);
    if (path === null || isNoted(reading, path)) continue;
    if (rule === "refuse-alone" && !isComplete) throw unusable(path, because);
    note(reading, path, "ignored", because);
  }
  noteRest(reading, "another file decides");
}

/** Notes whatever is left of the files that are known. */
export function noteRest(reading: Reading, because: string): void {
  for (const name of [...OWN_FILES, ...OTHER_FILES.map((other) => other.name)]) {
    const path = present(reading, name);
    if (path !== null) note(reading, path, "ignored", because);
  }
}

function isNoted({ files }: Reading, path: string): boolean {
  return files.some((file) => file.path === path);
}
