/** The commands of whoever is on duty: to look, and one for each thing that can be done. */
import { CAUSES } from "#core/incident/finding.ts";
import { COMMON_FLAGS, SERVER_FLAGS } from "./command-flags.ts";
import type { Command, Flag, Operand } from "./command.ts";

const NODE: Operand = { name: "NODE", isRequired: true, completion: "nodes" };
const operand = (name: string, completion?: Operand["completion"]): Operand => ({
  name,
  isRequired: true,
  ...(completion && { completion }),
});

const GIVING_FLAGS: readonly Flag[] = [
  { name: "because", value: "TEXT", meaning: "Why, for the audit." },
  { name: "as", value: "NAME", meaning: "Who, for the audit; without it the user's name." },
  ...SERVER_FLAGS,
  ...COMMON_FLAGS,
];

function giving(
  name: string,
  summary: string,
  operands: readonly Operand[],
  flags: readonly Flag[] = [],
): Command {
  return {
    name,
    summary,
    operands,
    flags: [...flags, ...GIVING_FLAGS],
    load: async () => (await import("./commands/do.ts")).run,
  };
}

const TIME =
  "2026-03-03T14:00 in this machine's zone, with a zone of its own (…Z, …+01:00), or +2h from now.";

const DO_COMMANDS: readonly Command[] = [
  giving("quarantine-node", "Put a machine aside: no new sessions, those that run go on", [NODE]),
  giving("release-node", "Take a machine back that was put aside", [NODE]),
  giving(
    "cordon-node",
    "Keep new sessions off a machine",
    [NODE],
    [{ name: "force", value: null, meaning: "Also when nobody would serve any more." }],
  ),
  giving("uncordon-node", "Let new sessions onto a machine again", [NODE]),
  giving("drain-node", "Empty a machine as its sessions end", [NODE]),
  giving("recycle-node", "Switch a machine off, delete it, and have another made", [NODE]),
  giving("set-nodes-max", "Say how many machines there may be at most", [operand("COUNT")]),
  giving("set-placeholders", "Hold seats for people to come", [operand("COUNT")]),
  giving(
    "book",
    "Have seats ready at a known time",
    [operand("REPO")],
    [
      { name: "seats", value: "N", meaning: "How many." },
      { name: "from", value: "TIME", meaning: `From when on: ${TIME}` },
      { name: "until", value: "TIME", meaning: "Until when, in the same forms." },
    ],
  ),
  giving("restart-loop", "Start a loop of the control plane anew", [operand("LOOP")]),
  giving("restart-component", "Start a process of Bindery anew; sessions live on", [
    operand("COMPONENT"),
  ]),
  giving(
    "surge-component",
    "Start one more replica",
    [operand("ROLE", ["control", "edge", "builder", "metrics", "other"])],
    [
      {
        name: "avoid",
        value: "NODE",
        meaning: "Not on this machine.",
        isMany: true,
        completion: "nodes",
      },
    ],
  ),
  giving(
    "submit-release",
    "Take a release of Bindery to staging, and from there to production",
    [operand("RELEASE")],
    [
      {
        name: "emergency",
        value: null,
        meaning: "Go on although releases wait for an incident to pass.",
      },
    ],
  ),
  giving("rollback-release", "Go back to the release before", [
    operand("STAGE", ["staging", "production"]),
  ]),
  giving("shift-member", "Give a member of the federation this weight", [
    operand("MEMBER"),
    operand("WEIGHT"),
  ]),
  giving("repair-quota", "Make a quota anew with the right count", [operand("QUOTA")]),
  giving("renew-certificate", "Have a certificate renewed", [operand("HOST")]),
  giving(
    "use-fallback",
    "Let builds go around a host",
    [operand("HOST")],
    [{ name: "off", value: null, meaning: "Ask the host again." }],
  ),
  giving("stop-session", "End a session", [operand("SESSION", "sessions")]),
  giving(
    "cull",
    "End the sessions that nobody used for some time; never one at work",
    [],
    [
      { name: "idle", value: "TIME", meaning: "For how long: 30m, 2h." },
      { name: "dry-run", value: null, meaning: "Only count them." },
    ],
  ),
  giving("declare", "Say what you think is wrong with what; it is only written down", [
    operand("CAUSE", CAUSES),
    operand("SUBJECT"),
  ]),
];

const QUIET: Flag = { name: "quiet", short: "q", value: null, meaning: "Only the names." };

export const OPERATOR_COMMANDS: readonly Command[] = [
  {
    name: "status",
    summary: "Show seats, launches, builds, machines, loops and what is wrong, on one screen",
    operands: [],
    flags: [...SERVER_FLAGS, ...COMMON_FLAGS],
    load: async () => (await import("./commands/status.ts")).run,
  },
  {
    name: "incidents",
    summary: "List what is wrong and was wrong, or tell one incident from its beginning",
    operands: [{ name: "ID", isRequired: false, completion: "incidents" }],
    flags: [
      { name: "open", value: null, meaning: "Without those that are over." },
      { ...QUIET, meaning: "Only the ids." },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    details: [
      "ID is an id or the beginning of one. What each cause means and what to do: docs/runbooks/CAUSE.md.",
    ],
    load: async () => (await import("./commands/incidents.ts")).run,
  },
  {
    name: "nodes",
    summary: "List the machines, and why some take no sessions",
    operands: [],
    flags: [QUIET, ...SERVER_FLAGS, ...COMMON_FLAGS],
    load: async () => (await import("./commands/nodes.ts")).run,
  },
  {
    name: "audit",
    summary: "List what was done: by whom, why, within which limit, and what came of it",
    operands: [],
    flags: [
      { name: "limit", value: "N", meaning: "Only so many, the newest; 20 without it." },
      ...SERVER_FLAGS,
      ...COMMON_FLAGS,
    ],
    load: async () => (await import("./commands/audit.ts")).run,
  },
  {
    name: "do",
    summary: "Give a command: machines, capacity, loops, releases, sessions",
    operands: [{ name: "COMMAND", isRequired: false }],
    flags: [...SERVER_FLAGS, ...COMMON_FLAGS],
    subcommands: DO_COMMANDS,
    details: [
      "Each command is written into the audit with --because, also when it is refused.",
      "Exit code 1 when it was refused or failed.",
    ],
    load: async () => (await import("./commands/help.ts")).explainThis,
  },
];
