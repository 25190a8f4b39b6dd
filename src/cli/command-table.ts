/** The commands: everything that `bindery` can be asked, in the order of the help. */
import { AS_OF_FLAG, COMMON_FLAGS, LAUNCH_FLAGS, SERVER_FLAGS } from "./command-flags.ts";
import type { Command, Flag, Operand } from "./command.ts";
import { OPERATOR_COMMANDS } from "./operator-commands.ts";
import { SETTING_FLAGS } from "./arguments/setting-flags.ts";
import { REPOSITORY_COMMANDS } from "./repository-commands.ts";

const REPO: Operand = { name: "REPO", isRequired: true, completion: "files" };
const KEY: Operand = { name: "KEY", isRequired: true, completion: "environments" };

const REPO_FORMS =
  "REPO is the address of a repository's page, a Git URL, a folder, or gh/OWNER/NAME/REF (gl, gist, git as well).";

const prune: Omit<Command, "name"> = {
  summary: "Remove environments that no session uses",
  operands: [],
  flags: [
    {
      name: "keep",
      value: "SIZE",
      meaning: "How much may stay, the most recently used first: 10GiB. Without it nothing stays.",
    },
    ...SERVER_FLAGS,
    ...COMMON_FLAGS,
  ],
  load: async () => (await import("./commands/prune.ts")).run,
};

const ENVIRONMENT_COMMANDS: readonly Command[] = [
  {
    name: "ls",
    summary: "List the environments",
    operands: [],
    flags: [
      { name: "quiet", short: "q", value: null, meaning: "Only the keys." },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    load: async () => (await import("./commands/environments.ts")).list,
  },
  {
    name: "show",
    summary: "Say what is known of one environment",
    operands: [KEY],
    flags: [...SERVER_FLAGS, ...COMMON_FLAGS],
    load: async () => (await import("./commands/environments.ts")).show,
  },
  {
    name: "lock",
    summary: "Print the versions that were installed, from which it can be repeated",
    operands: [KEY],
    flags: [...SERVER_FLAGS, ...COMMON_FLAGS],
    load: async () => (await import("./commands/environments.ts")).lock,
  },
  { name: "prune", ...prune },
];

const DRILL_FLAGS: readonly Flag[] = [
  { name: "all", value: null, meaning: "All drills that come with Bindery." },
  { name: "list", value: null, meaning: "Only list the drills." },
  { name: "seed", value: "N", meaning: "Randomness of the run; 1 without it." },
  { name: "seeds", value: "A..B", meaning: "One run for each of these seeds." },
  {
    name: "without",
    value: "NAMES",
    meaning: "Protections to switch off, separated by commas, or `all`.",
    isMany: true,
  },
  {
    name: "ablation",
    value: "NAME",
    meaning: "One of the drill's own runs that must fail, or `all` of them.",
  },
  { name: "report", value: null, meaning: "Write the incident report instead, as Markdown." },
  {
    name: "trace",
    value: "FILE",
    meaning: "Write every record of the run to this file, a line of JSON each.",
    completion: "files",
  },
  { name: "twice", value: null, meaning: "Run each seed twice: both runs must be the same." },
  {
    name: "chaos",
    value: null,
    meaning: "Random faults at random times; the invariants must hold.",
  },
  {
    name: "serve",
    value: null,
    meaning: "A game day: the drill goes on behind the real API, and you are on duty.",
  },
  {
    name: "pace",
    value: "N",
    meaning: "With --serve: virtual seconds in a real one; 60 without it.",
  },
  { name: "port", value: "N", meaning: "With --serve: where it listens; a free port without it." },
  {
    name: "record",
    value: "FILE",
    meaning: "With --serve: where what you did is written; without it a new file here.",
    completion: "files",
  },
  {
    name: "replay",
    value: "FILE",
    meaning: "A game day once more from its record, as fast as it goes.",
    completion: "files",
  },
  { name: "policies", value: null, meaning: "Only list what --without takes." },
  { name: "measures", value: null, meaning: "Only list what a drill can demand." },
  { name: "faults", value: null, meaning: "Only list what can happen in a drill." },
];

export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "Run Bindery in this terminal",
    operands: [],
    flags: [
      {
        name: "open",
        value: "REPO",
        meaning: "Then launch this repository and open its session.",
        completion: "files",
      },
      ...LAUNCH_FLAGS,
      ...SETTING_FLAGS,
      ...COMMON_FLAGS,
    ],
    details: [
      "Ctrl-C stops Bindery; sessions live on and are found again by the next `bindery serve`. A second Ctrl-C ends it at once.",
      "Every setting is a flag, a variable and a line of the configuration file: `bindery help settings`.",
    ],
    load: async () => (await import("./commands/serve.ts")).run,
  },
  {
    name: "open",
    summary: "Open a session of a repository in the browser",
    operands: [REPO],
    flags: [...LAUNCH_FLAGS, ...SERVER_FLAGS, ...SETTING_FLAGS, ...COMMON_FLAGS],
    details: [
      REPO_FORMS,
      "When no Bindery serves the data directory, one is started in this terminal and goes on serving.",
      "Ctrl-C while it waits cancels the launch.",
    ],
    load: async () => (await import("./commands/open.ts")).run,
  },
  {
    name: "ps",
    summary: "List the sessions",
    operands: [],
    flags: [
      { name: "all", short: "a", value: null, meaning: "Ended ones and warm servers as well." },
      { name: "quiet", short: "q", value: null, meaning: "Only the ids." },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    load: async () => (await import("./commands/ps.ts")).run,
  },
  {
    name: "stop",
    summary: "End sessions",
    operands: [{ name: "SESSION", isRequired: false, isMany: true, completion: "sessions" }],
    flags: [
      { name: "all", short: "a", value: null, meaning: "All sessions." },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    details: ["SESSION is an id as `bindery ps` shows it, or the beginning of one."],
    load: async () => (await import("./commands/stop.ts")).run,
  },
  {
    name: "logs",
    summary: "Print what a session's server or a build has said",
    operands: [{ name: "SESSION", isRequired: false, completion: "sessions" }],
    flags: [
      {
        name: "build",
        value: "KEY",
        meaning: "The last build of this environment instead.",
        completion: "environments",
      },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    load: async () => (await import("./commands/logs.ts")).run,
  },
  {
    name: "build",
    summary: "Make a repository's environment without opening a session",
    operands: [REPO],
    flags: [
      { name: "ref", value: "REF", meaning: "Branch, tag or commit." },
      AS_OF_FLAG,
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    details: [REPO_FORMS],
    load: async () => (await import("./commands/build.ts")).run,
  },
  ...REPOSITORY_COMMANDS,
  {
    name: "environments",
    summary: "Look at environments and remove them",
    operands: [{ name: "ls|show|lock|prune", isRequired: false }],
    flags: [...SERVER_FLAGS, ...COMMON_FLAGS],
    subcommands: ENVIRONMENT_COMMANDS,
    load: async () => (await import("./commands/environments.ts")).list,
  },
  { name: "prune", ...prune },
  {
    name: "doctor",
    summary: "Say what Bindery finds on this machine, what it means and what to do",
    operands: [],
    flags: [...SETTING_FLAGS, ...COMMON_FLAGS],
    load: async () => (await import("./commands/doctor.ts")).run,
  },
  ...OPERATOR_COMMANDS,
  {
    name: "drill",
    summary: "Repeat an incident in a simulated world and see whether it is one",
    operands: [{ name: "NAME|FILE", isRequired: false, completion: "files" }],
    flags: [...DRILL_FLAGS, ...COMMON_FLAGS],
    details: [
      "It needs no server and touches nothing: the real control plane runs in a pretend world, in virtual time.",
      "A game day with --serve listens on this machine only; look and act from another terminal, with `bindery status`, `incidents`, `nodes`, `audit` and `do`. Ctrl-C ends it early.",
      "Exit code 0 when all held that must hold, 1 when not, 2 when the drill's file is wrong.",
    ],
    load: async () => (await import("./commands/drill.ts")).run,
  },
  {
    name: "completion",
    summary: "Print the completion of this command for a shell",
    operands: [{ name: "SHELL", isRequired: true, completion: ["bash", "zsh", "fish"] }],
    flags: COMMON_FLAGS,
    details: [
      "bash: bindery completion bash > ~/.local/share/bash-completion/completions/bindery",
      "zsh: bindery completion zsh > a file _bindery in a folder of $fpath",
      "fish: bindery completion fish > ~/.config/fish/completions/bindery.fish",
    ],
    load: async () => (await import("./commands/completion.ts")).run,
  },
  {
    name: "version",
    summary: "Print the version",
    operands: [],
    flags: COMMON_FLAGS,
    load: async () => (await import("./commands/version.ts")).run,
  },
  {
    name: "help",
    summary: "Explain a command; `settings` and `exit-codes` are explained as well",
    operands: [{ name: "COMMAND", isRequired: false, isMany: true }],
    flags: COMMON_FLAGS,
    load: async () => (await import("./commands/help.ts")).run,
  },
];
