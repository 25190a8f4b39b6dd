/** Short-lived programs end in time and leave values. */
import { expect, test } from "vitest";
import { runProgram } from "./run-program.ts";

const env = { PATH: "/usr/bin:/bin" };

test("a program's output and exit code are values, also when it fails", async () => {
  const argv = ["sh", "-c", "echo out; echo err >&2; exit 3"] as const;
  expect(await runProgram([...argv], { env, timeoutMs: 5_000 })).toEqual({
    kind: "exited",
    code: 3,
    stdout: "out\n",
    stderr: "err\n",
  });
});

test("a program that does not exist did not start", async () => {
  const outcome = await runProgram(["/nonexistent/program"], { env, timeoutMs: 5_000 });
  expect(outcome.kind).toBe("not-started");
});

test("the time limit ends a program and its children", async () => {
  const outcome = await runProgram(["sh", "-c", "sleep 60 & sleep 60"], { env, timeoutMs: 50 });
  expect(outcome).toEqual({ kind: "timed-out" });
});

test("an abort ends a program, before the start too", async () => {
  const controller = new AbortController();
  const options = { env, timeoutMs: 60_000, signal: controller.signal };
  const running = runProgram(["sleep", "60"], options);
  controller.abort();
  expect(await running).toEqual({ kind: "aborted" });
  expect(await runProgram(["sleep", "60"], options)).toEqual({ kind: "aborted" });
});

test("the end of a long output is kept", async () => {
  const argv = ["sh", "-c", "seq 1 100000; echo last"] as const;
  const outcome = await runProgram([...argv], { env, timeoutMs: 5_000, outputMaxBytes: 1_000 });
  expect(outcome).toMatchObject({ kind: "exited", code: 0 });
  if (outcome.kind !== "exited") return;
  expect(outcome.stdout.length).toBe(1_000);
  expect(outcome.stdout.endsWith("100000\nlast\n")).toBe(true);
});

test("only the variables that are given reach the program", async () => {
  const given = { ...env, A: "1", B: undefined };
  const outcome = await runProgram(["env"], { env: given, timeoutMs: 5_000 });
  if (outcome.kind !== "exited") throw new Error(outcome.kind);
  expect(outcome.stdout.split("\n").filter((line) => /^[A-Z]=/.test(line))).toEqual(["A=1"]);
});
