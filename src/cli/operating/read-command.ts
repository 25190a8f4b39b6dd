/** The words of `bindery do …` as an operator's command. */
import { CAUSES } from "#core/incident/finding.ts";
import { closest } from "#base/closest.ts";
import type { CommandKind, OperatorCommand } from "#core/operations/command.ts";
import { invalid } from "../arguments/parse-arguments.ts";
import { readCount, readDuration, readTime } from "../arguments/read-time.ts";
import type { GivenFlags } from "../command.ts";

interface Words {
  readonly first: string;
  readonly second: string;
  readonly flags: GivenFlags;
  /** On the server's clock. */
  readonly nowMs: number;
}

type Reader<K extends CommandKind> = (words: Words) => Extract<OperatorCommand, { kind: K }>;

const READERS: { readonly [K in CommandKind]: Reader<K> } = {
  "quarantine-node": ({ first }) => ({ kind: "quarantine-node", node: first }),
  "release-node": ({ first }) => ({ kind: "release-node", node: first }),
  "cordon-node": ({ first, flags }) => ({
    ...{ kind: "cordon-node", node: first },
    isForced: flags.has("force"),
  }),
  "uncordon-node": ({ first }) => ({ kind: "uncordon-node", node: first }),
  "drain-node": ({ first }) => ({ kind: "drain-node", node: first }),
  "recycle-node": ({ first }) => ({ kind: "recycle-node", node: first }),
  "set-nodes-max": ({ first }) => ({ kind: "set-nodes-max", nodesMax: readCount(first, "COUNT") }),
  "set-placeholders": ({ first }) => ({
    ...{ kind: "set-placeholders", count: readCount(first, "COUNT") },
  }),
  book: ({ first, flags, nowMs }) => ({
    ...{ kind: "book", repo: first, seats: readCount(needed(flags, "seats", "N"), "--seats") },
    fromMs: readTime(needed(flags, "from", "TIME"), "--from", nowMs),
    untilMs: readTime(needed(flags, "until", "TIME"), "--until", nowMs),
  }),
  "restart-loop": ({ first }) => ({ kind: "restart-loop", loop: first }),
  "restart-component": ({ first }) => ({ kind: "restart-component", component: first }),
  "surge-component": ({ first, flags }) => ({
    ...{ kind: "surge-component", role: first, avoidNodes: flags.texts("avoid") },
  }),
  "submit-release": ({ first, flags }) => ({
    ...{ kind: "submit-release", release: first },
    ...(flags.has("emergency") && { isEmergency: true }),
  }),
  "rollback-release": ({ first }) => ({ kind: "rollback-release", stage: stageOf(first) }),
  "shift-member": ({ first, second }) => ({
    ...{ kind: "shift-member", member: first, weight: readWeight(second) },
  }),
  "repair-quota": ({ first }) => ({ kind: "repair-quota", quota: first }),
  "renew-certificate": ({ first }) => ({ kind: "renew-certificate", host: first }),
  "use-fallback": ({ first, flags }) => ({
    ...{ kind: "use-fallback", host: first, isOn: !flags.has("off") },
  }),
  "stop-session": ({ first }) => ({ kind: "stop-session", session: first }),
  cull: ({ flags }) => ({
    ...{ kind: "cull", idleMs: readDuration(needed(flags, "idle", "TIME"), "--idle") },
  }),
  declare: ({ first, second }) => ({ kind: "declare", cause: causeOf(first), subject: second }),
};

export function isCommandKind(word: string): word is CommandKind {
  return Object.hasOwn(READERS, word);
}

/** Errors: command-invalid. */
export function readCommand(
  kind: CommandKind,
  operands: readonly string[],
  flags: GivenFlags,
  nowMs: number,
): OperatorCommand {
  const [first = "", second = ""] = operands;
  return READERS[kind]({ first, second, flags, nowMs });
}

function needed(flags: GivenFlags, name: string, value: string): string {
  const text = flags.text(name);
  if (text === null) throw invalid(`--${name} ${value} is missing.`);
  return text;
}

function stageOf(word: string): "staging" | "production" {
  if (word === "staging" || word === "production") return word;
  throw invalid(`STAGE is staging or production, not "${word}".`);
}

function readWeight(word: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(word)) throw invalid(`WEIGHT is a number, not "${word}".`);
  return Number(word);
}

function causeOf(word: string): (typeof CAUSES)[number] {
  const cause = CAUSES.find((known) => known === word);
  if (cause !== undefined) return cause;
  const meant = closest(word, CAUSES);
  const hint = meant === null ? "" : ` Did you mean ${meant}?`;
  throw invalid(`There is no cause "${word}".${hint}`);
}
