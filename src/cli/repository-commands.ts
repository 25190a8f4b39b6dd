/** The commands that only look at a repository: what would be built, why, and how it can be repeated. */
import { COMMON_FLAGS, SERVER_FLAGS } from "./command-flags.ts";
import type { Command, Flag, Operand } from "./command.ts";
import { SETTING_FLAGS } from "./arguments/setting-flags.ts";

const REPO: Operand = { name: "REPO", isRequired: true, completion: "files" };
const READS =
  "The repository is only read: no server is needed, nothing is built and no code of it runs.";

const REF: Flag = { name: "ref", value: "REF", meaning: "Branch, tag or commit." };
const AS_OF: Flag = {
  name: "as-of",
  value: "DATE",
  meaning: "Resolve as on this day, 2024-01-31: nothing that was published later.",
};
const RARE_SETTINGS = SETTING_FLAGS.map((flag) => ({ ...flag, isRare: true }));
const PLAN_FLAGS: readonly Flag[] = [REF, AS_OF, ...RARE_SETTINGS, ...COMMON_FLAGS];

export const REPOSITORY_COMMANDS: readonly Command[] = [
  {
    name: "plan",
    summary: "Say what would be installed for a repository, step by step",
    operands: [REPO],
    flags: PLAN_FLAGS,
    details: [
      READS,
      "With --json it is the plan itself, as docs/reference/environments.md has it.",
    ],
    load: async () => (await import("./commands/plan.ts")).run,
  },
  {
    name: "explain",
    summary: "Say of each file of a repository whether it is used and why",
    operands: [REPO],
    flags: PLAN_FLAGS,
    details: [
      READS,
      "It also says what would make a new environment necessary, and what repo2docker would have done otherwise.",
    ],
    load: async () => (await import("./commands/explain.ts")).run,
  },
  {
    name: "lock",
    summary: "Build a repository's environment and print exactly what is in it",
    operands: [REPO],
    flags: [
      REF,
      {
        name: "output",
        short: "o",
        value: "DIR",
        meaning: "Write files there that ask for the same again; DIR is mostly .binder.",
        completion: "files",
      },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    details: [
      "The lock names every package with its version and its digest, Debian packages as well, and what it was built on.",
      "The files of --output, committed in the repository, are built from by any Bindery to the same set of packages.",
    ],
    load: async () => (await import("./commands/lock.ts")).run,
  },
  {
    name: "dockerfile",
    summary: "Write a repository's environment as a Dockerfile, for a builder of containers",
    operands: [REPO],
    flags: [
      {
        name: "output",
        short: "o",
        value: "DIR",
        meaning: "Write the whole build context there, the repository's content in it.",
        completion: "files",
      },
      {
        name: "base-image",
        value: "IMAGE",
        meaning: "Debian or Ubuntu; without it docker.io/library/debian:bookworm-slim.",
      },
      {
        name: "base-has",
        value: "PROGRAMS",
        meaning: "What the base image has already: any of uv,node,micromamba,pixi,r,julia.",
      },
      ...PLAN_FLAGS,
    ],
    details: [
      READS,
      "Without --output the Dockerfile is printed; it needs the context beside it to be built: `buildah build DIR`, `docker build DIR`.",
    ],
    load: async () => (await import("./commands/dockerfile.ts")).run,
  },
];
