/** Children are bounded in time and output, and leave nothing behind. */
import { readFile } from "node:fs/promises";
import { describe, expect, it, vi } from "vitest";
import { type ChildRun, runChild } from "./run-git.ts";

const NEVER = new AbortController().signal;

function sh(script: string, more: Partial<ChildRun> = {}) {
  return runChild({
    command: "sh",
    args: ["-c", script],
    cwd: "/",
    env: { PATH: process.env.PATH ?? "" },
    signal: NEVER,
    timeoutMs: 20_000,
    ...more,
  });
}

/** True for a process that still runs; a zombie has ended. */
async function runs(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return status !== "" && !/\) [ZX] /.test(status);
}

describe("runChild", () => {
  it("gives output, errors and exit code", async () => {
    const outcome = await sh("cat; echo bad >&2; exit 3", { input: "in\0out" });
    expect(outcome).toMatchObject({ kind: "exited", code: 3, errors: "bad\n" });
    expect(outcome.kind === "exited" && outcome.output.toString()).toBe("in\0out");
  });

  it("lets the child see the given environment and no more", async () => {
    const outcome = await sh("env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=", {
      env: { PATH: process.env.PATH ?? "", ONLY: "this" },
    });
    const names = outcome.kind === "exited" ? outcome.output.toString().match(/^\w+(?==)/gm) : null;
    expect(names?.toSorted()).toEqual(["ONLY", "PATH"]);
  });

  it("ends the whole group when told to, children of children too", async () => {
    const controller = new AbortController();
    let pid = 0;
    const outcome = await sh("sleep 600 & echo $!; wait", {
      signal: controller.signal,
      onOutput: (chunk) => {
        pid = Number(chunk.toString());
        controller.abort();
        return true;
      },
    });
    expect(outcome).toEqual({ kind: "stopped", because: "aborted" });
    expect(pid).toBeGreaterThan(1);
    // Its files are closed before the kernel says that it is gone.
    await vi.waitFor(async () => expect(await runs(pid)).toBe(false));
  });

  it("kills what does not want to end", async () => {
    const outcome = await sh("trap '' TERM; echo up; while :; do sleep 1; done", {
      onOutput: () => false,
    });
    expect(outcome).toEqual({ kind: "stopped", because: "caller" });
  });

  it("stops at the time limit", async () => {
    const outcome = await sh("sleep 600", { timeoutMs: 50 });
    expect(outcome).toEqual({ kind: "stopped", because: "timeout" });
  });

  it("stops at the output limit", async () => {
    const outcome = await sh("yes", { outputBytesMax: 10_000 });
    expect(outcome).toEqual({ kind: "stopped", because: "output-limit" });
  });

  it("starts nothing when it was told to stop before", async () => {
    const outcome = await sh("exit 3", { signal: AbortSignal.abort() });
    expect(outcome).toEqual({ kind: "stopped", because: "aborted" });
  });

  it("gives progress line by line, without control characters", async () => {
    const lines: string[] = [];
    await sh(String.raw`printf 'a 1%%\ra 2%%\r\nb\033[31m red\a\n' >&2`, {
      onErrorLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(["a 1%", "a 2%", "b[31m red"]);
  });

  it("rejects when there is no such program", async () => {
    await expect(sh("", { command: "bindery-no-such-program" })).rejects.toThrow("ENOENT");
  });
});
