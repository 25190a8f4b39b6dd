/** What the machine may do by itself, and how often. */
import { describe, expect, it } from "vitest";
import { DEFAULT_POLICY } from "../policy.ts";
import type { OperatorCommand } from "./command.ts";
import { decideLimits, type PastCommand } from "./decide-limits.ts";

const NOW_MS = 10_000_000;
const machine = { kind: "machine" } as const;
const quarantine: OperatorCommand = { kind: "quarantine-node", node: "a" };
const recycle: OperatorCommand = { kind: "recycle-node", node: "a" };
const cordon: OperatorCommand = { kind: "cordon-node", node: "a", isForced: false };
const restart: OperatorCommand = { kind: "restart-loop", loop: "culler" };

function past(
  command: OperatorCommand,
  agoMin: number,
  outcome: "done" | "refused" | "failed" | null = "done",
  actor: "machine" | "person" = "machine",
): PastCommand {
  return {
    atMs: NOW_MS - agoMin * 60_000,
    command,
    actor: { kind: actor },
    outcome: outcome === null ? null : { kind: outcome },
  };
}

const many = (command: OperatorCommand, count: number, agoMin: number) =>
  Array.from({ length: count }, () => past(command, agoMin));

describe("decideLimits", () => {
  it.each<[string, OperatorCommand, PastCommand[], boolean, string]>([
    ["a first quarantine", quarantine, [], true, "1 node put aside in 10 min (0 so far)"],
    ["a second", quarantine, [past(quarantine, 9)], false, "1 node put aside in 10 min (1 so far)"],
    ["one later", quarantine, [past(quarantine, 10)], true, "(0 so far)"],
    [
      "one while another is under way",
      quarantine,
      [past(quarantine, 0, null)],
      false,
      "(1 so far)",
    ],
    ["one after a failure", quarantine, [past(quarantine, 1, "failed")], false, "(1 so far)"],
    ["one after a refusal", quarantine, [past(quarantine, 1, "refused")], true, "(0 so far)"],
    [
      "one after a person's",
      quarantine,
      [past(quarantine, 1, "done", "person")],
      true,
      "(0 so far)",
    ],
    [
      "a fifth recycling",
      recycle,
      many(recycle, 4, 30),
      true,
      "5 nodes replaced in 1 h (4 so far)",
    ],
    [
      "a sixth recycling",
      recycle,
      many(recycle, 5, 30),
      false,
      "5 nodes replaced in 1 h (5 so far)",
    ],
    [
      "what goes beyond the shared limit",
      quarantine,
      [...many(recycle, 4, 5), ...many(cordon, 2, 5)],
      false,
      "6 machines taken out in 10 min (6 so far)",
    ],
    ["a second restart of a loop", restart, [past(restart, 0)], false, "1 restart of loop culler"],
    [
      "a restart of another loop",
      restart,
      [past({ kind: "restart-loop", loop: "notices" }, 0)],
      true,
      "(0 so far)",
    ],
  ])("%s", (_, command, before, isAllowed, words) => {
    const wanted = { command, actor: machine, evidence: "3 of 3 probes failed." };
    const decision = decideLimits(wanted, before, 9, DEFAULT_POLICY, NOW_MS);
    expect(decision.isAllowed).toBe(isAllowed);
    expect(decision.limit).toContain(words);
  });

  it("allows more where there are more nodes", () => {
    const wanted = { command: recycle, actor: machine, evidence: "lost" };
    const before = many(recycle, 19, 30);
    expect(decideLimits(wanted, before, 100, DEFAULT_POLICY, NOW_MS).isAllowed).toBe(true);
    expect(decideLimits(wanted, before, 50, DEFAULT_POLICY, NOW_MS).isAllowed).toBe(false);
  });

  it("allows no recycling where it is switched off", () => {
    const policy = { ...DEFAULT_POLICY, recyclesMax: 0 };
    const wanted = { command: recycle, actor: machine, evidence: "lost" };
    expect(decideLimits(wanted, [], 100, policy, NOW_MS).isAllowed).toBe(false);
  });

  it.each(["", "  "])("allows the machine nothing without evidence (%j)", (evidence) => {
    const wanted = { command: restart, actor: machine, evidence };
    expect(decideLimits(wanted, [], 9, DEFAULT_POLICY, NOW_MS).isAllowed).toBe(false);
  });

  it("leaves a person's commands alone", () => {
    const wanted = { command: quarantine, actor: { kind: "person" } as const, evidence: "" };
    const before = many(quarantine, 50, 0);
    expect(decideLimits(wanted, before, 1, DEFAULT_POLICY, NOW_MS).isAllowed).toBe(true);
  });
});
