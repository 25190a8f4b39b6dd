/** A command of an operator, from the words of a drill. */
import type { OperatorCommand } from "#core/operations/command.ts";
import type { ArgumentValues } from "../drill/argument.ts";
import { listOf, numberOf, textOf } from "./fault.ts";

export function operatorCommand(values: ArgumentValues, startMs: number): OperatorCommand {
  const kind = textOf(values, "kind");
  const make = COMMANDS[kind];
  if (make === undefined) throw new Error(`${kind} is not a command of an operator`);
  return make(values, startMs);
}

type Make = (values: ArgumentValues, startMs: number) => OperatorCommand;

const COMMANDS: Readonly<Record<string, Make>> = {
  "quarantine-node": (v) => ({ kind: "quarantine-node", node: textOf(v, "node") }),
  "release-node": (v) => ({ kind: "release-node", node: textOf(v, "node") }),
  "cordon-node": (v) => ({
    ...{ kind: "cordon-node", node: textOf(v, "node") },
    isForced: v["isForced"] === true,
  }),
  "uncordon-node": (v) => ({ kind: "uncordon-node", node: textOf(v, "node") }),
  "drain-node": (v) => ({ kind: "drain-node", node: textOf(v, "node") }),
  "recycle-node": (v) => ({ kind: "recycle-node", node: textOf(v, "node") }),
  "set-nodes-max": (v) => ({ kind: "set-nodes-max", nodesMax: numberOf(v, "nodesMax") }),
  "set-placeholders": (v) => ({ kind: "set-placeholders", count: numberOf(v, "count") }),
  book: (v, startMs) => ({
    ...{ kind: "book", repo: textOf(v, "repo"), seats: numberOf(v, "seats") },
    fromMs: startMs + numberOf(v, "from"),
    untilMs: startMs + numberOf(v, "until"),
  }),
  "restart-loop": (v) => ({ kind: "restart-loop", loop: textOf(v, "loop") }),
  "restart-component": (v) => ({ kind: "restart-component", component: textOf(v, "component") }),
  "surge-component": (v) => ({
    ...{ kind: "surge-component", role: textOf(v, "role") },
    avoidNodes: listOf(v, "avoidNodes"),
  }),
  "submit-release": (v) => ({ kind: "submit-release", release: textOf(v, "release") }),
  "rollback-release": (v) => ({
    kind: "rollback-release",
    stage: textOf(v, "stage") === "staging" ? "staging" : "production",
  }),
  "shift-member": (v) => ({
    ...{ kind: "shift-member", member: textOf(v, "member") },
    weight: numberOf(v, "weight"),
  }),
  "repair-quota": (v) => ({ kind: "repair-quota", quota: textOf(v, "quota") }),
  "renew-certificate": (v) => ({ kind: "renew-certificate", host: textOf(v, "host") }),
  "use-fallback": (v) => ({
    ...{ kind: "use-fallback", host: textOf(v, "host") },
    isOn: v["isOn"] !== false,
  }),
  "stop-session": (v) => ({ kind: "stop-session", session: textOf(v, "session") }),
  cull: (v) => ({ kind: "cull", idleMs: numberOf(v, "idle") }),
};
