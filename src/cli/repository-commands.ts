/** The commands that only look at a repository: what would be built, why, and how it can be repeated. */
import { AS_OF_FLAG, COMMON_FLAGS, SERVER_FLAGS } from "./command-flags.ts";
import type { Command, Flag, Operand } from "./command.ts";
import { SETTING_FLAGS } from "./arguments/setting-flags.ts";

const REPO: Operand = { name: "REPO", isRequired: true, completion: "files" };
const READS =
  "The repository is only read: no server is needed, nothing is built and no code of it runs.";

const REF: Flag = { name: "ref", value: "REF", meaning: "Branch, tag or commit." };
const RARE_SETTINGS = SETTING_FLAGS.map((flag) => ({ ...flag, isRare: true }));
const PLAN_FLAGS: readonly Flag[] = [REF, AS_OF_FLAG, ...RARE_SETTINGS, ...COMMON_FLAGS];

/** The flags of repo2docker that scripts use, with its own meanings. */
const REPO2DOCKER_FLAGS: readonly Flag[] = [
  REF,
  { name: "subdir", value: "DIR", meaning: "Take this folder of the repository for the whole." },
  { name: "no-build", value: null, meaning: "Only print the Dockerfile." },
  { name: "no-run", value: null, meaning: "Build the image and do not run it." },
  { name: "image-name", value: "NAME", meaning: "Name of the image." },
  { name: "image", value: "NAME", meaning: "The same, as BinderHub writes it.", isRare: true },
  { name: "user-id", value: "UID", meaning: "Number of the user in the image; not 0." },
  { name: "user-name", value: "NAME", meaning: "Name of the user in the image." },
  { name: "json-logs", value: null, meaning: "Log lines of JSON with message and phase." },
  { name: "env", short: "e", value: "NAME=VALUE", meaning: "A variable of the run.", isMany: true },
  { name: "publish", short: "p", value: "PORTS", meaning: "Ports of the run.", isMany: true },
  { name: "publish-all", short: "P", value: null, meaning: "All ports of the image." },
  { name: "volume", short: "v", value: "SRC:DEST", meaning: "A volume of the run.", isMany: true },
  { name: "appendix", value: "TEXT", meaning: "Lines of Dockerfile of your own, at the end." },
  { name: "label", value: "NAME=VALUE", meaning: "A label of the image.", isMany: true },
  { name: "build-arg", value: "NAME=VALUE", meaning: "A build argument.", isMany: true },
  { name: "target-repo-dir", value: "DIR", meaning: "Where the content lies in the image." },
  { name: "push", value: null, meaning: "Push the image when it is built." },
  { name: "cache-from", value: "IMAGE", meaning: "Take layers of this image.", isMany: true },
  { name: "engine", value: "NAME", meaning: "docker, podman or buildah; the first that is here." },
  ...["build", "run", "no-push", "clean", "no-clean", "debug"].map((name) => ({
    ...{ name, value: null, isRare: true },
    meaning: "As in repo2docker: it is so anyway, or changes nothing here.",
  })),
];

export const REPOSITORY_COMMANDS: readonly Command[] = [
  {
    name: "repo2docker",
    summary: "Do what repo2docker does, with its flags",
    operands: [REPO, { name: "COMMAND", isRequired: false, isMany: true }],
    flags: [...REPO2DOCKER_FLAGS, AS_OF_FLAG, ...COMMON_FLAGS],
    details: [
      "An image is built from the repository by docker, podman or buildah, and run. A command goes behind `--`.",
      "What is installed is what `bindery plan` says: see docs/reference/environments.md for what differs.",
    ],
    load: async () => (await import("./commands/repo2docker.ts")).run,
  },
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
      AS_OF_FLAG,
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
