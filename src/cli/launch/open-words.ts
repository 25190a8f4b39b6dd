/** The command line of `bindery open` that a server which has just started runs for its person. */
import { LAUNCH_FLAGS } from "../command-flags.ts";
import type { Call } from "../command.ts";
import { landingOf } from "./landing.ts";
import { readRepo } from "./read-repo.ts";

/** What is wrong with it is said now, before anything is started. Errors: those of its parts. */
export function openWords(typed: string, call: Call, dataDir: string): readonly string[] {
  const { flags, environment, workingDirectory, terminal } = call;
  const { address, path } = readRepo(typed, { workingDirectory, home: environment["HOME"] });
  landingOf(flags, path);
  const given = LAUNCH_FLAGS.flatMap(({ name, value }) => {
    if (!flags.has(name) || name === "no-serve") return [];
    return [value === null ? `--${name}` : `--${name}=${flags.text(name)}`];
  });
  const json = terminal.isJson ? ["--json"] : [];
  return ["open", "--no-serve", `--data-dir=${dataDir}`, ...given, ...json, "--", address];
}
