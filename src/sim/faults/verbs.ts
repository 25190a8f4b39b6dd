/** Everything that a drill can do to its world, by name. */
import type { ArgumentSpec, ArgumentSpecs } from "../drill/argument.ts";
import { CONTROL_VERBS } from "./verbs-control.ts";
import { PEOPLE_VERBS } from "./verbs-people.ts";
import { PLATFORM_VERBS } from "./verbs-platform.ts";

export interface FaultVerb {
  readonly meaning: string;
  readonly arguments: ArgumentSpecs;
}

const NODE: ArgumentSpec = {
  type: "text",
  meaning:
    "Name of the node, or `newest`, `oldest`, `busiest`, `emptiest`, `leader` (where the deciding control plane runs), `edge` (where an edge replica runs).",
  default: "busiest",
};

const UNTIL: ArgumentSpec = {
  type: "duration",
  meaning: "Time after which it is over by itself; without it, it stays.",
  isOptional: true,
};

const STATE: ArgumentSpec = {
  type: ["down", "up"],
  meaning: "What becomes of it.",
  default: "down",
};

const NODE_VERBS = {
  "node.join": {
    meaning: "A machine joins the cluster.",
    arguments: {
      node: { type: "text", meaning: "Its name; without it the next free one.", isOptional: true },
      podNet: {
        type: ["up", "down"],
        meaning: "Whether pods on it reach anything.",
        default: "up",
      },
      dns: { type: ["up", "down"], meaning: "Whether pods on it resolve names.", default: "up" },
      ready: { type: "flag", meaning: "What the cluster says of it.", default: true },
      scratch: { type: "flag", meaning: "It has a disk for images.", default: true },
    },
  },
  "node.podNet": {
    meaning: "Pods on the node are not reached and reach nothing; the machine itself is fine.",
    arguments: { node: NODE, state: STATE, for: UNTIL },
  },
  "node.dns": {
    meaning: "Pods on the node resolve no names.",
    arguments: { node: NODE, state: STATE, for: UNTIL },
  },
  "node.lost": {
    meaning:
      "The node's agent is silent and nothing on it is reached, but the cluster holds on to it, and its processes may run.",
    arguments: { node: NODE },
  },
  "node.disk": {
    meaning: "The node's disk is full: images cannot be pulled.",
    arguments: {
      node: NODE,
      free: { type: "share", meaning: "What is left.", default: 0 },
      for: UNTIL,
    },
  },
  "node.readonly": {
    meaning: "The node's file system becomes read-only: nothing new starts on it.",
    arguments: { node: NODE, for: UNTIL },
  },
  "node.oom": {
    meaning: "Memory runs out on the node, and the kernel ends processes.",
    arguments: { node: NODE },
  },
  "node.addresses": {
    meaning: "The node loses its addresses, and logs cannot be read from any node.",
    arguments: { node: NODE, for: UNTIL },
  },
  "node.noScratch": {
    meaning: "A machine without a disk for images joins.",
    arguments: {
      count: { type: "count", meaning: "How many.", default: 1 },
    },
  },
  "node.cordon": {
    meaning: "Somebody cordons nodes in the cluster itself, past Bindery.",
    arguments: {
      nodes: {
        type: "list",
        meaning: "Names of nodes, or `edge` for all that have an edge replica.",
      },
    },
  },
} as const satisfies Record<string, FaultVerb>;

export const FAULT_VERBS: Readonly<Record<string, FaultVerb>> = {
  ...NODE_VERBS,
  ...CONTROL_VERBS,
  ...PLATFORM_VERBS,
  ...PEOPLE_VERBS,
};
