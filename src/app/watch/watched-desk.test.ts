/** The desk between the control plane and the watch. */
import { describe, expect, it } from "vitest";
import type { AuditRecord, OperatorCommand } from "#core/operations/command.ts";
import type { OperatorDoor } from "#ports/operator.ts";
import type { FromChild, ToChild } from "../child-messages.ts";
import { createWatchedDesk } from "./watched-desk.ts";

const PERSON = { kind: "person", name: "ada" } as const;
const record = (atMs: number, command: OperatorCommand): AuditRecord => ({
  ...{ atMs, command, actor: PERSON, evidence: "", limit: "none" },
  outcome: { kind: "done", message: "done" },
});
const DRAIN = { kind: "drain-node", node: "one" } as const;
const RESTART = { kind: "restart-component", component: "gateway" } as const;

function desk() {
  const told: FromChild[] = [];
  const given: OperatorCommand[] = [];
  const timers: (() => void)[] = [];
  let say: (message: ToChild) => void = () => undefined;
  const operations: OperatorDoor = {
    status: () => Promise.reject(new Error("not asked here")),
    execute: async (command) => {
      given.push(command);
      return { kind: "done", message: "by the control plane" };
    },
    audit: async () => [record(20, DRAIN), record(5, DRAIN)],
  };
  const made = createWatchedDesk({
    operations,
    tell: (message) => told.push(message),
    hear: (listener) => (say = listener),
    setTimer: (_delayMs, callback) => {
      timers.push(callback);
      return () => undefined;
    },
  });
  return { made, told, given, timers, say: (message: ToChild) => say(message) };
}

describe("the desk", () => {
  it("gives to the watch what only the watch can do, and waits for what comes of it", async () => {
    const { given, made, say, told } = desk();
    const outcome = made.execute(RESTART, PERSON, "it hangs");
    expect(told).toEqual([
      { kind: "command", id: 1, command: RESTART, actor: PERSON, evidence: "it hangs" },
    ]);
    say({ kind: "outcome", id: 7, outcome: { kind: "failed", because: "of another command" } });
    say({ kind: "outcome", id: 1, outcome: { kind: "done", message: "restarted" } });
    expect(await outcome).toEqual({ kind: "done", message: "restarted" });
    expect(given).toEqual([]);
  });

  it("does not wait for ever", async () => {
    const { made, timers } = desk();
    const outcome = made.execute(RESTART, PERSON, "");
    for (const ring of timers) ring();
    expect(await outcome).toMatchObject({ kind: "failed" });
  });

  it("gives all else to the control plane", async () => {
    const { given, made, told } = desk();
    expect(await made.execute(DRAIN, PERSON, "")).toMatchObject({
      message: "by the control plane",
    });
    expect(given).toEqual([DRAIN]);
    expect(told).toEqual([]);
  });

  it("shows what the watch told last, and both audits as one, newest first", async () => {
    const { made, say } = desk();
    expect(made.incidents()).toEqual([]);
    say({ kind: "watched", records: { incidents: [], audit: [record(10, RESTART)] } });
    expect((await made.audit(10)).map(({ atMs }) => atMs)).toEqual([20, 10, 5]);
    expect((await made.audit(2)).map(({ atMs }) => atMs)).toEqual([20, 10]);
  });
});
