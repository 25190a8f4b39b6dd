/** Tests of running programs: what they say, how they end, and that nothing outlives its limit. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const here = { cwd: "/", output: "collect" } as const;
const shell = (script: string) => ["sh", "-c", script];

test("what a program prints on both streams is kept", async () => {
  const argv = shell('echo out "$A"; echo err >&2');
  const result = await runCommand({ ...here, argv, limitMs: 5000, env: { A: "of env" } });
  expect(result.isOk).toBe(true);
  expect(result.output.split("\n").toSorted()).toEqual(["", "err", "out of env"]);
});

test("a program that fails is a result", async () => {
  const result = await runCommand({ ...here, argv: shell("exit 3"), limitMs: 5000 });
  expect(result.isOk).toBe(false);
});

test("a program that is not there is a result", async () => {
  const result = await runCommand({ ...here, argv: ["no-such-program"], limitMs: 5000 });
  expect(result).toMatchObject({
    isOk: false,
    output: expect.stringContaining("no-such-program could not be started"),
  });
});

test("a program that overruns is ended with everything it started", async () => {
  const argv = shell("sleep 60 & echo $!; wait");
  const result = await runCommand({ ...here, argv, limitMs: 200 });
  expect(result.isOk).toBe(false);
  expect(result.output).toContain("longer than its limit of 0.2 s");
  const grandchild = Number.parseInt(result.output, 10);
  expect(grandchild).toBeGreaterThan(1);
  await expect.poll(() => isAlive(grandchild)).toBe(false);
});

test("a program that ignores the request to end is ended", { timeout: 20_000 }, async () => {
  const argv = shell("trap '' TERM; while :; do sleep 1; done");
  const result = await Promise.race([
    runCommand({ ...here, argv, limitMs: 100 }),
    sleep(15_000, undefined, { ref: false }),
  ]);
  expect(result).toMatchObject({ isOk: false });
});

test("a program in the background, and what it starts, gets what time others leave", async () => {
  const argv = shell("sleep 0.2; nice; sh -c nice");
  const result = await runCommand({ ...here, argv, limitMs: 5000, isBackground: true });
  expect(result.output).toBe("19\n19\n");
});

/** A process that has ended but that nobody has asked about (state Z) is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}
